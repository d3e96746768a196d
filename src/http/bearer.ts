/** Whether a text is a token that `Authorization: Bearer` can carry (RFC 6750 §2.1). */
export function isBearerToken(text: string): boolean {
  return /^[\w.~+/-]+=*$/.test(text);
}
