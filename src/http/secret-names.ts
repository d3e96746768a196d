/** Names whose values give power to whoever reads them: access tokens, API keys, signed URLs. */
const secretName = /token|key|secret|passw|signature|^sig$|auth|session|credential/i;

/** Whether the value of a query parameter or a field with that name is better not written anywhere. */
export function isSecretName(name: string): boolean {
  return secretName.test(name);
}
