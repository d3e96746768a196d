/** Most names that are told. */
const maxNames = 5;

/** Characters that no name of a host has (RFC 1035 §2.3.4). */
const longestName = 253;

/** What Node tells of the certificate of a server, as far as it is about names. */
export interface NamedCertificate {
  /** `DNS:shop.test, IP Address:10.0.0.5` */
  readonly subjectaltname?: string | undefined;
  readonly subject?: { readonly CN?: string | readonly string[] | undefined } | undefined;
}

/** The hosts that a certificate is for, for people: those that it names, or else its subject. */
export function certificateNames({ subjectaltname, subject }: NamedCertificate): string {
  const named = (subjectaltname ?? '').split(', ').flatMap((name) => {
    const host = /^(?:DNS|IP Address):(.+)$/.exec(name)?.[1];
    return host === undefined ? [] : [host];
  });
  const names = named.length > 0 || subjectaltname !== undefined ? named : [subject?.CN ?? []].flat();
  if (names.length === 0) return 'no host';
  const told = names
    .slice(0, maxNames)
    .map((name) => (name.length > longestName ? `${name.slice(0, longestName)}…` : name));
  return `${told.join(', ')}${names.length > maxNames ? ` and ${names.length - maxNames} more` : ''}`;
}
