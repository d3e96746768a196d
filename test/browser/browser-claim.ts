import type { Browser, Locator, Page } from 'playwright-core';

/** Something that is so of the page, tried in a browser. */
export interface BrowserClaim {
  readonly claim: string;
  /** Throws where it does not hold. */
  run(browser: Browser): Promise<void>;
}

/** Waits until an element is seen that has this text. */
export async function seen(scope: Page | Locator, text: string | RegExp): Promise<void> {
  await scope.getByText(text).first().waitFor();
}

/** The row of the table there that has this text. */
export function row(page: Page, text: string): Locator {
  return page.locator('tbody tr').filter({ hasText: text }).first();
}

/**
 * That the browser complained of nothing, but perhaps of answers with that status line, which it does of each above 399.
 * @throws Error with its complaints
 */
export function content(faults: readonly string[], but?: string): void {
  const others = faults.filter((fault) => but === undefined || !fault.includes(but));
  same(others, [], 'what the browser complained of');
}

/** @throws Error with what was found, where it is not what was wanted */
export function same(found: unknown, wanted: unknown, what: string): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${what}: ${a}, not ${b}`);
}
