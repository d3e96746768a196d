import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { responseWith } from '../harness/recording-origin.ts';
import { onShelves, overBothLanes, proxyStage, type ProxyStage } from '../harness/proxy-stage.ts';

const hourMs = 3_600_000;
const jumps = [
  ['an hour back', -hourMs],
  ['an hour on', hourMs],
  ['ten years on', 10 * 365 * 24 * hourMs],
] as const;

// The clock on the wall alone: what counts the time that passes goes on as it does.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 1) }));
afterEach(() => void vi.useRealTimers());

/** The Age of a response, and whether the origin was asked for it. */
async function asked(stage: ProxyStage, target: string): Promise<{ age: number; requests: number }> {
  const before = stage.origin.seen.length;
  const { field, status } = await stage.get(target);
  expect(status).toBe(200);
  return { age: Number(field('age') ?? 0), requests: stage.origin.seen.length - before };
}

/** Younger than that is what a test has taken itself, on whatever machine. */
const soon = 60;

overBothLanes(() => {
  onShelves(['memory', 'disk'], () => {
    test.each(jumps)('%s: what is stored is as old as it was (RFC 9111 §4.2.3)', async (_, jump) => {
      const stage = await proxyStage(() => responseWith('stored', ['Cache-Control: max-age=600']));
      await asked(stage, '/a');
      vi.setSystemTime(Date.now() + jump);
      const { age, requests } = await asked(stage, '/a');
      expect(requests).toBe(0);
      expect(age).toBeGreaterThanOrEqual(0);
      expect(age).toBeLessThan(soon);
    });
  });

  test.each([
    ['an hour slow', -hourMs, 0],
    ['right', 0, 0],
    ['an hour fast', hourMs, 1],
  ])(
    '%s, the clock here makes what comes now no younger than its Date says, and no age negative',
    async (_, off, more) => {
      const date = new Date().toUTCString();
      const stage = await proxyStage(() => responseWith('stored', ['Cache-Control: max-age=600', `Date: ${date}`]));
      vi.setSystemTime(Date.now() + off);
      await asked(stage, '/a');
      const { age, requests } = await asked(stage, '/a');
      expect(requests).toBe(more);
      expect(age).toBeGreaterThanOrEqual(0);
      expect(age).toBeLessThan(soon + more * (hourMs / 1_000));
    },
  );
});

onShelves(['disk'], () => {
  test.each([
    // Nobody can tell how old it is.
    ['an hour back', -hourMs, 1],
    ['a minute on', 60_000, 0],
    ['ten years on', 10 * 365 * 24 * hourMs, 1],
  ])(
    '%s between an end and a start: what is stored is used only where it is fresh by that',
    async (_, jump, requests) => {
      const stage = await proxyStage(() => responseWith('stored', ['Cache-Control: max-age=600']));
      await asked(stage, '/a');
      vi.setSystemTime(Date.now() + jump);
      const after = await asked(await stage.restarted(), '/a');
      expect(after.requests).toBe(requests);
      expect(after.age).toBeGreaterThanOrEqual(requests === 0 ? jump / 1_000 : 0);
      expect(after.age).toBeLessThan(requests === 0 ? jump / 1_000 + soon : soon);
    },
  );
});
