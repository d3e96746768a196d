import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DemoOrigin, startDemoOrigin, thingsToTry } from '../../../src/cli/demo-origin.ts';

describe('the origin of the demo', () => {
  let now = new Date('2026-01-02T03:04:05Z');
  let origin: DemoOrigin;
  beforeAll(async () => {
    origin = await startDemoOrigin({ lineDelayMs: 0, now: () => now });
  });
  afterAll(() => origin.close());

  const ask = (path: string, fields: Record<string, string> = {}) => fetch(origin.url + path, { headers: fields });

  it('has a page for each thing to try, and 404 for anything else', async () => {
    const paths = [...thingsToTry(origin.url).matchAll(/http:\S+/g)].map(([url]) => new URL(url).pathname);
    expect(paths).toEqual(['/', '/time', '/slow', '/flaky', '/cookie', '/vary']);
    for (const path of paths.filter((each) => each !== '/flaky')) expect((await ask(path)).status, path).toBe(200);
    expect((await ask('/nothing')).status).toBe(404);
    expect((await ask('//?#')).status).toBe(404);
  });

  it('answers /time with 304 while its minute lasts', async () => {
    const first = await ask('/time');
    const etag = first.headers.get('etag') ?? '';
    expect(await first.text()).toBe('It is 2026-01-02, 03:04 UTC.\n');
    expect(first.headers.get('cache-control')).toBe('max-age=10');
    expect((await ask('/time', { 'if-none-match': etag })).status).toBe(304);
    now = new Date('2026-01-02T03:05:00Z');
    expect((await ask('/time', { 'if-none-match': etag })).status).toBe(200);
  });

  it('fails every other time at /flaky', async () => {
    const statuses: number[] = [];
    for (let times = 0; times < 4; times++) statuses.push((await ask('/flaky')).status);
    expect(statuses).toEqual([200, 503, 200, 503]);
  });

  it('sends the lines of /slow to the end', async () => {
    const lines = (await (await ask('/slow')).text()).trimEnd().split('\n');
    expect(lines).toHaveLength(10);
    expect(lines.at(-1)).toBe('line 10 of 10');
  });

  it('sets a cookie at /cookie, and speaks three languages at /vary', async () => {
    expect((await ask('/cookie')).headers.get('set-cookie')).toBe('visitor=1');
    expect(await (await ask('/vary', { 'accept-language': 'fr-CH, en' })).text()).toBe('Bonjour!\n');
    const unknown = await ask('/vary', { 'accept-language': 'xx' });
    expect(await unknown.text()).toBe('Good day!\n');
    expect(unknown.headers.get('vary')).toBe('Accept-Language');
  });
});
