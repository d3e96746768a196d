import { expect, test } from 'vitest';
import { describedBy, describedContent } from '../harness/described-content.ts';
import { onShelves, overBothLanes, type ProxyStage, proxyStage } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';

/** What is in use: some two thirds of what there is room for in 2 MB. */
const hotTargets = Array.from({ length: 40 }, (_, index) => `/in-use/${index}`);
const contentBytes = 30_000;

let generation = 0;

function stageOf(memory = '2mb'): Promise<ProxyStage> {
  return proxyStage(
    ({ target, values }) => {
      const [variant = ''] = values('x-r');
      const content = describedContent({ url: target, variant, user: '', generation: ++generation }, contentBytes);
      return responseWith(content, ['Cache-Control: max-age=6000', ...(variant === '' ? [] : ['Vary: X-R'])]);
    },
    { memory, admin: 0 },
  );
}

/** Asks for each, some at a time, and sees that each has its own content. */
async function askAll(
  stage: ProxyStage,
  targets: readonly string[],
  variantOf?: (index: number) => string,
): Promise<void> {
  const atOnce = 8;
  for (let from = 0; from < targets.length; from += atOnce) {
    await Promise.all(
      targets.slice(from, from + atOnce).map(async (target, index) => {
        const variant = variantOf?.(from + index) ?? '';
        const { content } = await stage.get(target, variant === '' ? [] : [`X-R: ${variant}`]);
        expect(describedBy(content)).toMatchObject({ url: target, variant });
      }),
    );
  }
}

interface MemoryFigures {
  readonly bytesUsed: number;
  readonly bytesLimit: number;
  readonly unprovenEvictions: number;
}

async function memoryOf({ etagere }: ProxyStage): Promise<MemoryFigures> {
  const response = await fetch(`${await etagere.listenAdmin()}/v1/stats`);
  return ((await response.json()) as { readonly memory: MemoryFigures }).memory;
}

/** The share of requests for what is in use that the origin had to answer. */
async function missRatio(stage: ProxyStage, ask: () => Promise<void>, hotRequests: number): Promise<number> {
  const before = stage.origin.seen.length;
  await ask();
  return stage.origin.seen.slice(before).filter(({ target }) => target.startsWith('/in-use/')).length / hotRequests;
}

overBothLanes(() => {
  onShelves(['memory', 'disk'], () => {
    test('nine tenths of what is in use stay hits in a flood of queries that nobody makes twice', async () => {
      const stage = await stageOf();
      for (let round = 0; round < 2; round++) await askAll(stage, hotTargets);
      expect(await missRatio(stage, () => askAll(stage, hotTargets), hotTargets.length)).toBe(0);
      let query = 0;
      const flooded = async (): Promise<void> => {
        for (const hot of hotTargets) {
          await askAll(stage, [hot, ...Array.from({ length: 6 }, () => `/search?q=${(query += 1)}`)]);
        }
      };
      expect(await missRatio(stage, flooded, hotTargets.length)).toBeLessThan(0.1);
      const { bytesUsed, bytesLimit, unprovenEvictions } = await memoryOf(stage);
      expect(bytesUsed).toBeLessThanOrEqual(bytesLimit);
      expect(unprovenEvictions).toBeGreaterThan(query / 2);
      expect(stage.origin.faults()).toEqual([]);
    });
  });

  onShelves(['memory', 'disk'], () => {
    test('of one URL only so many variants are kept as are allowed, and nothing that is in use goes for the others', async () => {
      // Room for what is in use and for as many variants as are kept, and not for all.
      const stage = await stageOf('3mb');
      for (let round = 0; round < 2; round++) await askAll(stage, hotTargets);
      const variants = 80;
      const target = '/in-variants';
      await askAll(
        stage,
        Array.from({ length: variants }, () => target),
        (index) => `r${index}`,
      );
      expect(await missRatio(stage, () => askAll(stage, hotTargets), hotTargets.length)).toBeLessThan(0.1);
      const askedAgain = async (variant: string): Promise<number> => {
        const before = stage.origin.seen.length;
        await askAll(stage, [target], () => variant);
        return stage.origin.seen.length - before;
      };
      // As many as `--max-variants` allows.
      expect(await askedAgain(`r${variants - 1}`)).toBe(0);
      expect(await askedAgain(`r${variants - 40}`)).toBe(1);
      const { bytesUsed, bytesLimit } = await memoryOf(stage);
      expect(bytesUsed).toBeLessThanOrEqual(bytesLimit);
    });
  });

  onShelves(['memory', 'disk'], () => {
    test('nine tenths of what is in use stay hits in a flood of variants that nobody asks for twice', async () => {
      const stage = await stageOf();
      for (let round = 0; round < 2; round++) await askAll(stage, hotTargets);
      expect(await missRatio(stage, () => askAll(stage, hotTargets), hotTargets.length)).toBe(0);
      let variants = 0;
      // Of one URL, and of a few.
      const flooded = (targets: readonly string[]) => async (): Promise<void> => {
        for (const hot of hotTargets) {
          await askAll(stage, [hot]);
          await askAll(stage, targets, () => `made-up/${(variants += 1)}`);
        }
      };
      for (const targets of [
        ['/in-variants', '/in-variants'],
        ['/one', '/two', '/three'],
      ])
        expect(await missRatio(stage, flooded(targets), hotTargets.length), targets.join()).toBeLessThan(0.1);
      const { bytesUsed, bytesLimit, unprovenEvictions } = await memoryOf(stage);
      expect(bytesUsed).toBeLessThanOrEqual(bytesLimit);
      expect(unprovenEvictions).toBeGreaterThan(variants / 2);
      expect(stage.origin.faults()).toEqual([]);
    });
  });

  test('a response that is said to vary by a thousand fields is not stored', async () => {
    const names = Array.from({ length: 1_000 }, (_, index) => `x-${index}`).join(', ');
    const stage = await proxyStage(() => responseWith('one', ['Cache-Control: max-age=6000', `Vary: ${names}`]));
    for (let i = 0; i < 3; i++) {
      const { content, field } = await stage.get('/wide');
      expect([content, field('cache-status')]).toEqual(['one', 'etagere; fwd=uri-miss; detail=vary-too-wide']);
    }
    expect(stage.origin.seen).toHaveLength(3);
  });
});
