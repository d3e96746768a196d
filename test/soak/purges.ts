import type { Random } from '../fuzz/random.ts';
import type { Book, Floor } from './book.ts';
import { host, hotCount, largeCount, tagCount } from './site.ts';
import type { Stage } from './stage.ts';

/** What the receipt says, as far as it is looked at. */
interface Receipt {
  readonly acknowledged: readonly object[];
  readonly unheard?: readonly unknown[];
}

/** A receipt takes up to 20 s where nothing can be written on a disk, and whoever is to give it may be halted for 5 s. */
const patienceMs = 30_000;

/**
 * Purges something somewhere; where all who share the shelf have said that it is in force, the book knows of it from then on.
 *
 * @returns what went wrong; undefined: nothing
 */
export async function purgeOnce(stage: Stage, book: Book, random: Random): Promise<string | undefined> {
  const sinceMs = performance.now();
  const of = anything(random);
  const isSoft = random.once(2);
  try {
    const response = await fetch(`${random.pick(stage.instances).admin}/v1/purge`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...ordered(of), mode: isSoft ? 'soft' : 'hard' }),
      signal: AbortSignal.timeout(patienceMs),
    });
    const receipt = (await response.json()) as Receipt;
    if (!response.ok) return `purge: status ${response.status}`;
    const expected = stage.shape === 'memory' ? 1 : 2;
    const isInForce = receipt.acknowledged.length >= expected && (receipt.unheard ?? []).length === 0;
    if (isInForce) book.raise({ of, sinceMs, isSoft });
    return undefined;
  } catch (error) {
    return `purge: ${String(error)}`;
  }
}

function anything(random: Random): Floor['of'] {
  return random.pick([
    { target: `/hot/${random.below(hotCount)}` },
    { target: `/large/${random.below(largeCount)}` },
    { tag: `tag-${random.below(tagCount)}` },
    { prefix: '/hot/1' },
  ]);
}

function ordered(of: Floor['of']): Record<string, string> {
  if ('target' in of) return { url: `http://${host}${of.target}` };
  return 'tag' in of ? { tag: of.tag } : { prefix: `http://${host}${of.prefix}` };
}
