import { beforeEach, expect, test, vi } from 'vitest';
import { onShelves, overBothLanes, proxyStage, type ProxyStage, type Response } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';

/** What nobody foresaw, in the middle of everything: it is thrown wherever these words are read as Cache-Control. */
const fatal = 'x-fatal';

vi.mock(import('../../src/http/cache-control.ts'), async (original) => {
  const real = await original();
  const parseCacheControl: typeof real.parseCacheControl = (value) => {
    if (value?.includes(fatal) === true) throw new TypeError('a fault of Etagere');
    return real.parseCacheControl(value);
  };
  return { ...real, parseCacheControl };
});

const warned: string[] = [];

beforeEach(() => {
  warned.length = 0;
  const spy = vi.spyOn(process, 'emitWarning').mockImplementation((warning) => void warned.push(String(warning)));
  return () => spy.mockRestore();
});

function isTold({ status, content }: Response): boolean {
  return status >= 500 && content.includes('INTERNAL');
}

/** Before an origin that is fatal where its target says so: at once, or once what it has answered is validated. */
function stage(): Promise<ProxyStage> {
  return proxyStage(({ target, values }) => {
    const isValidated = values('if-none-match').length > 0;
    const control = target.startsWith('/changed') && !isValidated ? 'no-cache' : 'max-age=60';
    const isFatal = target.startsWith('/fatal') || (target.startsWith('/changed') && isValidated);
    return responseWith(`content of ${target}`, [
      `Cache-Control: ${control}${isFatal ? `, ${fatal}` : ''}`,
      'ETag: "1"',
    ]);
  });
}

overBothLanes(() => {
  onShelves(['memory', 'disk', 'redis'], () => {
    test.each([
      ['in what a client asks of what is stored', '/a', [`Cache-Control: ${fatal}`]],
      ['in what a client asks of what is not stored', '/b', [`Cache-Control: ${fatal}`]],
      ['in what the origin answers', '/fatal', []],
      ['in what the origin answers to a validation', '/changed', []],
    ])('%s: it is told, and the next one is answered', async (_, target, lines) => {
      const { get } = await stage();
      await get('/a');
      await get('/changed');
      expect(isTold(await get(target, lines))).toBe(true);
      expect((await get('/a')).content).toBe('content of /a');
      expect((await get('/b')).content).toBe('content of /b');
      expect(warned).toContainEqual(expect.stringContaining('please report it: TypeError: a fault of Etagere'));
    });

    test('in what the origin answers to a POST: it is told', async () => {
      const { get } = await stage();
      expect(isTold(await get('/fatal', ['Content-Length: 0'], 'POST'))).toBe(true);
    });

    test('in what many wait for: each of them is told', async () => {
      const { get } = await stage();
      const answers = await Promise.all(Array.from({ length: 10 }, () => get('/fatal')));
      expect(answers.filter(isTold)).toHaveLength(10);
    });
  });
});

test('and it is told to operators with its place, however often it comes, once a minute', async () => {
  const { get } = await stage();
  for (let i = 0; i < 20; i++) await get(`/fatal/${i}`);
  expect(warned).toEqual([expect.stringMatching(/1 so far.*: a fault of Etagere\n.*at parseCacheControl /s)]);
});
