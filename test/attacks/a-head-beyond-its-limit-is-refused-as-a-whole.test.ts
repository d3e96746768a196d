import { describe, expect, test } from 'vitest';
import { overBothLanes, proxyStage } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { readResponses } from '../harness/strict-messages.ts';
import { cleanRefusal, refusal } from '../harness/refusals.ts';

/** What the head says beyond the number of lines that are read must not be lost: it frames, routes or identifies the request. */
const beyond = [
  'Content-Length: 50',
  'Transfer-Encoding: chunked',
  'Host: other.test',
  'Cookie: user=1',
  'Authorization: Basic eA==',
  'Connection: close',
  'Cache-Control: no-store',
  'X: 1',
];

function lines(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `X-${index}: 1`);
}

function head(target: string, more: readonly string[]): string {
  return [`GET ${target} HTTP/1.1`, 'Host: shop.test', ...more, '', ''].join('\r\n');
}

/** Just what is allowed, and a byte or a line more. */
const limits: readonly (readonly [what: string, status: number, allowed: string, tooMuch: string])[] = [
  ['lines', 431, head('/a', lines(99)), head('/a', lines(100))],
  [
    'bytes of a value',
    431,
    head('/a', [`X: ${'v'.repeat(8 * 1_024)}`]),
    head('/a', [`X: ${'v'.repeat(8 * 1_024 + 1)}`]),
  ],
  ['bytes of a target', 414, head(`/${'a'.repeat(8 * 1_024 - 1)}`, []), head(`/${'a'.repeat(8 * 1_024)}`, [])],
  [
    'bytes in all',
    431,
    head('/a', [`X: ${'v'.repeat(8_000)}`, `Y: ${'v'.repeat(8_000)}`]),
    head('/a', [`X: ${'v'.repeat(8_000)}`, `Y: ${'v'.repeat(8_000)}`, `Z: ${'v'.repeat(400)}`]),
  ],
];

overBothLanes(() => {
  describe.each([2, 100, 1_000])('of %d lines', (count) => {
    test.each(beyond)('and %s after them', async (line) => {
      const stage = await proxyStage(() => responseWith('answer'), {
        limits: { clientFieldLines: Math.min(count, 100) },
      });
      const bytes = head('/a', [...lines(count), line]);
      expect(await refusal(stage, bytes)).toEqual({ ...cleanRefusal, status: 431 });
    });
  });

  test.each(limits)('in %s, and nothing of the refusal is stored', async (_, status, allowed, tooMuch) => {
    const stage = await proxyStage(() => responseWith('answer', ['Cache-Control: max-age=600']));
    expect(await refusal(stage, tooMuch)).toEqual({ ...cleanRefusal, status });
    const [line = ''] = allowed.split('\r\n');
    expect((await stage.get(line.split(' ')[1] ?? '')).content).toBe('answer');
    const received = await stage.exchange(allowed + head('/b', ['Connection: close']));
    const { messages } = readResponses(received, ['GET', 'GET'], true);
    expect(messages.map(({ content }) => content)).toEqual(['answer', 'answer']);
  });
});
