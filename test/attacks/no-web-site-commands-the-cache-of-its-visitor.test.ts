import { expect, test } from 'vitest';
import { adminStage, statuses } from '../harness/admin-stage.ts';

test.each([
  ['a page elsewhere', ['Origin: http://evil.test']],
  ['a page without an origin', ['Origin: null']],
  ['a page on another port of this machine', ['Origin: http://localhost:3000', 'Sec-Fetch-Site: same-site']],
  ['a page whose fields are taken out on the way', ['Sec-Fetch-Site: cross-site', 'Connection: Sec-Fetch-Site']],
  ['a form', ['Content-Type: application/x-www-form-urlencoded']],
  ['a form that looks like JSON', ['Content-Type: text/plain']],
  ['a form with parts', ['Content-Type: multipart/form-data; boundary=a']],
  ['a name that was made to resolve to this machine', ['Host: evil.test', 'Origin: http://evil.test']],
  ['such a name, with ours in it', ['Host: localhost.evil.test']],
  ['such a name, with our address in it', ['Host: 127.0.0.1.evil.test']],
  ['a proxy', ['X-Forwarded-For: 127.0.0.1']],
  ['a proxy that hides itself', ['Via: 1.1 a', 'Connection: Via']],
])('by %s', async (_, lines) => {
  const { purges, isStillStored } = await adminStage();
  const [refused] = await purges([lines]);
  expect(refused?.startLine).toMatch(/^HTTP\/1\.1 4(03|15) /);
  expect(refused?.fields.filter(([name]) => name.startsWith('access-control'))).toEqual([]);
  expect(await isStillStored()).toBe(true);
  expect(statuses(await purges([[]]))).toEqual({ 200: 1 });
  expect(await isStillStored()).toBe(false);
});
