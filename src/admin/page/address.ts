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
