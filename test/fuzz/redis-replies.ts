import { defaultRedisLimits } from '../../src/store/redis/limits.ts';
import { RedisKeys } from '../../src/store/redis/keys.ts';
import { type LogState, logStateOf, type ReadRow, readRecords } from '../../src/store/redis/rows.ts';
import type { Servers } from '../../src/store/redis/servers.ts';
import { placeOf } from '../store/ground.ts';
import { mutated } from './mutation.ts';
import type { Random } from './random.ts';
import { type FuzzTarget, hold, holdQuiet } from './target.ts';

const { row, variant } = placeOf(1);
const log = '1790000000000000';
const inRow = `1${log}${'9'.repeat(16)}0000000000000007${'-'.padEnd(16)}${log}head`;
const inPieces = `1${log}${'9'.repeat(16)}0000000000200000abcdefgh01234567${log}head`;
const texts = ['0', log, '1', variant, inRow, inPieces, 'content', '', '-1', '1e400', '0x10', ' 7', '\xff'];
const words = ['0', '9', '-', ' ', '\n', '\xff', 'nan', 'inf'];

/** Any reply that a client of Redis may give. */
function anyReply(random: Random, depth = 0): unknown {
  const kind = random.below(depth > 2 ? 7 : 8);
  if (kind < 4) return Buffer.from(mutated(random.pick(texts), random, { words, others: texts }), 'latin1');
  if (kind === 4) return mutated(random.pick(texts), random, { words, others: texts });
  if (kind === 5) return random.pick([0, 1, -1, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, 1.5]);
  if (kind === 6) return random.pick([null, undefined, true, new Error('a reply')]);
  return Array.from({ length: random.below(8) }, () => anyReply(random, depth + 1));
}

/** An honest reply with some of its parts changed. */
function nearlyHonest(random: Random): unknown {
  const parts: unknown[] = ['0', log, '1'].map((text) => Buffer.from(text));
  for (let count = random.below(4); count > 0; count--)
    parts.push(Buffer.from(variant), Buffer.from(random.pick([inRow, inPieces])), Buffer.from('content'));
  for (let count = random.below(3); count > 0; count--) parts[random.below(parts.length)] = anyReply(random, 1);
  return parts;
}

function serversThatSay(reply: () => unknown, isOne: boolean): Servers {
  return {
    isOne,
    isUp: () => true,
    isPrompt: () => true,
    call: async () => reply(),
    endpointOf: () => {
      throw new Error('nobody asks');
    },
    all: () => [],
    failures: 0,
    open: async () => {},
    close: () => {},
  };
}

/** Whatever a Redis replies: records that are none are not found, and of others no more is read than there may be. */
export const redisReplies: FuzzTarget = {
  name: 'redis-replies',
  run: async (random) => {
    const said: unknown[] = [];
    const reply = (): unknown => {
      const each = random.once(3) ? anyReply(random) : nearlyHonest(random);
      said.push(each);
      return each;
    };
    const servers = serversThatSay(reply, random.once(2));
    const parts = { servers, keys: new RedisKeys('etagere:', 0), limits: defaultRedisLimits };
    const state: LogState = holdQuiet('logStateOf', said, () => logStateOf([reply(), reply()]));
    hold('the number of an order is one', Number.isSafeInteger(state.head) && state.head >= 0, said);
    const read = await readRecords(parts, { row, which: 'some', ms: 1_000 }).catch((cause: unknown) => cause);
    hold('a reply that is none is no rejection', !(read instanceof Error), { said, read: String(read) });
    for (const { place, pieces } of (read as ReadRow).lying) {
      hold('a place is in its row', place.row === row && /^[0-9a-f]{16}$/.test(place.variant), said);
      for (const index of [0, 1, Math.floor(pieces.length / 65_536), Number.MAX_SAFE_INTEGER]) {
        const piece = await holdQuiet('Pieces.read', said, () => pieces.read(index));
        hold('a piece is bytes', piece === undefined || piece instanceof Uint8Array, said);
      }
    }
  },
};
