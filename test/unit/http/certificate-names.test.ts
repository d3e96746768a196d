import { expect, it } from 'vitest';
import { certificateNames } from '../../../src/http/certificate-names.ts';

it.each([
  ['DNS:shop.test, DNS:*.shop.test, IP Address:10.0.0.5', 'shop.test, *.shop.test, 10.0.0.5'],
  ['DNS:a, DNS:b, DNS:c, DNS:d, DNS:e', 'a, b, c, d, e'],
  ['DNS:a, DNS:b, DNS:c, DNS:d, DNS:e, DNS:f, DNS:g', 'a, b, c, d, e and 2 more'],
  ['email:a@b.test, URI:https://a.test/', 'no host'],
  [undefined, 'no host'],
])('tells what a certificate is for: %s', (subjectaltname, text) => {
  expect(certificateNames({ subjectaltname })).toBe(text);
});

it('tells the one name of a certificate from before there were several', () => {
  expect(certificateNames({ subjectaltname: undefined, subject: { CN: 'old.test' } })).toBe('old.test');
});

it('tells a name that nobody has to the end', () => {
  expect(certificateNames({ subjectaltname: `DNS:${'a'.repeat(1_000)}` })).toBe(`${'a'.repeat(253)}…`);
});
