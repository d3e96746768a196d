/** What waits until a test opens it. */
export interface Turnstile {
  readonly opened: Promise<void>;
  readonly open: () => void;
}

export function turnstile(): Turnstile {
  const parts: { open?: () => void } = {};
  const opened = new Promise<void>((resolve) => {
    parts.open = resolve;
  });
  return { opened, open: () => parts.open?.() };
}
