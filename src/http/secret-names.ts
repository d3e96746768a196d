/** Names whose values give power to whoever reads them: access tokens, API keys, codes of a log-in, signed URLs. */
const secretName =
  /token|key|secret|passw|pwd|signature|hmac|jwt|auth|session|credential|sessid|^(?:sig|code|.*[._-]sid|sid)$/i;

/** Something of it is in every name that is secret; most texts have nothing of it. */
const secretWord = /token|key|secret|passw|pwd|sig|hmac|jwt|auth|sess|credential|code|sid/i;

/** Whether the value of a query parameter or a field with that name is better not written anywhere. */
export function isSecretName(name: string): boolean {
  return secretName.test(name);
}

/** Whether there may be such a name in a text, which is cheaper to tell than by taking it apart. */
export function mayNameSecret(text: string): boolean {
  return secretWord.test(text);
}
