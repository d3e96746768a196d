/** One of the things to look at. */
export interface View {
  /** Its name in the address: `#shelf`. */
  readonly name: string;
  /** On its tab. */
  readonly title: string;
  readonly element: HTMLElement;
  /** It is seen from now on, with what stands behind `?` in the address. */
  show(parameters: URLSearchParams): void;
  hide(): void;
}

/** The address of a view with what it is to show. */
export function addressOf(name: string, parameters: Readonly<Record<string, string>> = {}): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== '');
  return given.length === 0 ? `#${name}` : `#${name}?${new URLSearchParams(Object.fromEntries(given)).toString()}`;
}

/** What an address names: `#shelf?match=a` is `shelf` with `match`. */
export function readAddress(hash: string): { readonly name: string; readonly parameters: URLSearchParams } {
  const [name = '', query = ''] = hash.replace(/^#/, '').split(/\?(.*)/s);
  return { name, parameters: new URLSearchParams(query) };
}
