/**
 * Why Etagere, with one preset or with both, does not pass what another cache passes: by the id of a test of the public suite or the path of a
 * fixture. What is not here is shown with the failure itself.
 */
export const reasons: ReadonlyMap<string, string> = new Map([
  ...['404', '410', '414', '599'].map(
    (status) =>
      [`heuristic-${status}-cached`, '`safe` guesses no lifetime for errors: a poisoned one would stay'] as const,
  ),
  ['headers-store-Set-Cookie', '`safe` never replays Set-Cookie to others'],
  ['other-set-cookie', '`safe` shares no response with Set-Cookie unless the origin says `public` or `s-maxage`'],
  [
    'headers-store-Transfer-Encoding',
    'the origin of this test sends a Transfer-Encoding that is not registered: `safe` answers content of doubtful length with 502, `rfc` takes the field for a slip',
  ],
  [
    'fixtures/50-validation/a-5xx-is-passed-on.cache',
    '`rfc` serves stale in the place of any 5xx, as RFC 9111 §4.3.3 permits',
  ],
  [
    'fixtures/60-stale/an-error-does-not-replace-what-is-stored.cache',
    '`rfc` serves stale in the place of any 5xx, as RFC 9111 §4.3.3 permits',
  ],
]);
