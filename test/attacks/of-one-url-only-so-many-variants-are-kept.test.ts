import { Agent } from 'node:http';
import { expect, test } from 'vitest';
import { createEtagere } from '../../src/index.ts';
import { describedBy, describedContent } from '../harness/described-content.ts';
import { atEnd, type Lane } from '../harness/proxy-stage.ts';
import { startServer } from '../real/program.ts';
import { ask } from '../real/workers-stage.ts';

const values = 10_000;
/** As `--max-variants` has it. */
const mostVariants = 32;
const atOnce = 16;

interface MemoryFigures {
  readonly responses: number;
  readonly bytesUsed: number;
  readonly variantEvictions: number;
}

/** An Etagere before an origin that says that its answer varies by that field. */
async function stageOf(name: string, lane: Lane) {
  let asked = 0;
  const origin = await startServer(({ url = '', headers }, response) => {
    const variant = String(headers[name.toLowerCase()]);
    const content = describedContent({ url, variant, user: '', generation: ++asked }, 1_000);
    response.writeHead(200, { 'cache-control': 'max-age=6000', vary: name }).end(content);
  });
  atEnd(() => origin.close());
  const limits = { overloadDelayMs: 0 };
  const etagere = createEtagere({
    origin: origin.url,
    listen: 0,
    admin: 0,
    fastLane: lane === 'the fast lane',
    limits,
  });
  atEnd(() => etagere.close());
  const [url, admin] = [await etagere.listen(), await etagere.listenAdmin()];
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  atEnd(() => agent.destroy());
  return {
    /** Asks with each of these values, all at once; resolves with how many of them the origin had to answer. */
    missesOf: async (indexes: readonly number[]): Promise<number> => {
      const before = asked;
      const answers = await Promise.all(indexes.map((i) => ask(`${url}/in-variants`, agent, { [name]: `v=${i}` })));
      expect(answers.map(({ content }) => describedBy(content).variant)).toEqual(indexes.map((i) => `v=${i}`));
      return asked - before;
    },
    memory: async (): Promise<MemoryFigures> => {
      const response = await fetch(`${admin}/v1/stats`);
      return ((await response.json()) as { readonly memory: MemoryFigures }).memory;
    },
  };
}

test.each([
  ['User-Agent', 'the fast lane'],
  ['Cookie', 'node:http'],
  ['X-R', 'the fast lane'],
] as const)(
  'of ten thousand values of %s over %s as many variants are kept as are allowed, those that were used last, in a memory that stays as it is',
  async (name, lane) => {
    const { missesOf, memory } = await stageOf(name, lane);
    const figures: MemoryFigures[] = [];
    expect(await missesOf([0])).toBe(1);
    for (let from = 1; from <= values; from += atOnce) {
      expect(await missesOf(Array.from({ length: atOnce }, (_, i) => from + i))).toBe(atOnce);
      // One that is used again and again is not the one that goes.
      expect(await missesOf([0])).toBe(0);
      if (from > mostVariants) figures.push(await memory());
    }
    expect(new Set(figures.map(({ responses }) => responses))).toEqual(new Set([mostVariants]));
    const used = figures.map(({ bytesUsed }) => bytesUsed);
    expect(Math.max(...used)).toBeLessThan(2 * Math.min(...used));
    expect(await missesOf(Array.from({ length: mostVariants - 1 }, (_, i) => values - i))).toBe(0);
    expect(await missesOf([1, values / 2, values - mostVariants])).toBe(3);
  },
  300_000,
);
