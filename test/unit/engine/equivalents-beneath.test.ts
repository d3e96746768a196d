import { afterEach, describe, expect, it } from 'vitest';
import { type CacheKey, cacheKey } from '../../../src/key/cache-key.ts';
import { variantKey } from '../../../src/key/nominated-fields.ts';
import { noFields } from '../../../src/http/fields.ts';
import { lifetimeEnding } from '../../../src/policy/age.ts';
import type { BackedShelf } from '../../../src/store/backed.ts';
import { MemoryStore } from '../../../src/store/memory.ts';
import { TieredStore } from '../../../src/store/tiered.ts';
import { backedShelf } from '../../store/backed-shelf.ts';
import { HeapBacking, HeapGround } from '../../store/heap-backing.ts';
import { turnstile } from '../../store/turnstile.ts';
import { stage } from './engine-stage.ts';
import { head, type Play, statusOf } from './purge-ways.ts';

const keyOf = (target: string): CacheKey => cacheKey({ scheme: 'http', authority: 'example.com', target });
const anyVariant = { nominatedFields: [], variant: variantKey([], noFields) };
const turn = (): Promise<void> => new Promise(setImmediate);
const turns = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await turn();
};

const shelves: BackedShelf[] = [];
afterEach(() => Promise.all(shelves.splice(0).map((shelf) => shelf.close())));

interface Begun {
  readonly play: Play;
  readonly store: TieredStore;
  readonly backing: HeapBacking;
  readonly lower: BackedShelf;
}

/** An engine over memory and what lies on that ground, of which it knows nothing yet. */
function begun(ground: HeapGround, maxSearchKeys = 100): Begun {
  const limits = { maxBytes: 2 ** 24, maxObjectBytes: 2 ** 18, maxVariants: 4 };
  const memory = new MemoryStore({ ...limits, givenSerials: true });
  const backing = new HeapBacking(ground, { isLater: true, isSwept: true });
  const clock = {
    steady: () => play.clock.steady(),
    wall: () => play.clock.wall(),
    schedule: () => () => {},
  };
  const lower = backedShelf(backing, { clock });
  shelves.push(lower);
  const store = new TieredStore({ memory, lower, kind: 'disk', clock, lifetimeEnding });
  const play: Play = stage({ maxSearchKeys }, () => store);
  return { play, store, backing, lower };
}

/** The latest request at the origin is answered with a response that all targets share which differ in `u` alone. */
async function answer({ play }: Begun, text: string): Promise<void> {
  const arrival = play.origin.arrivals.at(-1);
  arrival?.head(head(play, ['cache-control', 'max-age=60'], ['no-vary-search', 'params=("u")']));
  arrival?.write(Buffer.from(text));
  arrival?.end();
  await turns();
}

async function textOf({ play }: Begun, target: string): Promise<string> {
  const asked = play.origin.arrivals.length;
  const sink = play.ask(target);
  await turns();
  return play.origin.arrivals.length > asked ? 'from the origin' : sink.text;
}

/** A process that begins over a shelf on which `/a?u=1` lies. */
async function restarted(maxSearchKeys?: number): Promise<Begun> {
  const ground = new HeapGround();
  const before = begun(ground);
  before.play.ask('/a?u=1');
  await turns();
  await answer(before, 'old');
  await before.lower.close();
  return begun(ground, maxSearchKeys);
}

/** As warming brings it, before anybody has asked for it. */
async function warm(maxSearchKeys?: number): Promise<Begun> {
  const made = await restarted(maxSearchKeys);
  await turns();
  await made.store.bring(made.lower.placeOf({ key: keyOf('/a?u=1'), ...anyVariant }));
  return made;
}

describe('what memory has from the shelf beneath before anybody asks for it', () => {
  it('answers equivalent targets', async () => {
    expect(await textOf(await warm(), '/a?u=2')).toBe('old');
  });

  it.each([
    ['soft', '/a?u=1'],
    ['soft', '/a?u=3'],
    ['hard', '/a?u=1'],
    ['hard', '/a?u=3'],
  ] as const)('is purged with an equivalent target (%s), and answers %s no more', async (mode, target) => {
    const made = await warm();
    await made.play.engine.operations.purge({ kind: 'url', url: 'http://example.com/a?u=2' }, mode);
    expect(await textOf(made, target)).toBe('from the origin');
  });

  it.each(['soft', 'hard'] as const)('is so too where its path is forgotten (%s)', async (mode) => {
    const made = await warm(1);
    const { play } = made;
    play.ask('/b?u=1');
    await turns();
    await answer(made, 'other');
    await play.engine.operations.purge({ kind: 'url', url: 'http://example.com/a?u=2' }, mode);
    expect(await textOf(made, '/a?u=1')).toBe('from the origin');
  });

  it('is not used any more when an unsafe request to an equivalent target has changed it', async () => {
    const made = await warm();
    made.play.ask('/a?u=2', (exchange) => ({ ...exchange, request: { ...exchange.request, method: 'POST' } }));
    await turns();
    await answer(made, 'done');
    expect(await textOf(made, '/a?u=1')).toBe('from the origin');
  });
});

describe('while it is read which groups the target of an unsafe request is in', () => {
  it('nobody is answered with what lies beneath for an equivalent target', async () => {
    const made = await restarted();
    const { play, backing } = made;
    play.ask('/a?u=2', (exchange) => ({ ...exchange, request: { ...exchange.request, method: 'POST' } }));
    await turns();
    const { opened, open } = turnstile();
    const row = backing.row.bind(backing);
    // What it looks for itself takes its time; what others look for does not.
    let looks = 0;
    backing.row = (name) => (looks++ === 0 ? opened.then(() => row(name)) : row(name));
    await answer(made, 'done');
    expect(looks).toBe(1);
    const sink = play.ask('/a?u=1');
    await turns();
    open();
    await turns();
    expect(statusOf(sink) ?? 'not yet').not.toContain('hit');
    expect(sink.text).not.toBe('old');
  });
});
