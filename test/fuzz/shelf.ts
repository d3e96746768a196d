import { setImmediate as turn } from 'node:timers/promises';
import type { BackedShelf } from '../../src/store/backed.ts';
import { backedShelf } from '../store/backed-shelf.ts';
import { HeapBacking, HeapGround, type HeapRecord } from '../store/heap-backing.ts';
import { put, responseTo, textRead } from '../store/shelved.ts';
import { samples } from './corpus.ts';
import { mutated } from './mutation.ts';
import type { Random } from './random.ts';
import { type FuzzTarget, hold } from './target.ts';
import { anyStored } from '../store/any-stored.ts';
import { seal, sumOf } from '../../src/store/sealed-record.ts';

const targets = ['/a', '/b', '/a?c'];
const languages = [undefined, 'de', 'en'];
const others = samples(anyStored, 50).flatMap(
  (stored) =>
    seal({
      stored: { ...stored, responseTime: 0 },
      putAt: 1,
      contentLength: 5,
      sums: [sumOf(Buffer.from('other'))],
    })?.toString('latin1') ?? [],
);
const words = ['\0', '\xff', '\xe8\x01', '\0\0\0\0\0\0\xf0\x7f'];

interface Put {
  readonly target: string;
  readonly text: string;
}

async function filled(shelf: BackedShelf, random: Random): Promise<readonly Put[]> {
  const all: Put[] = [];
  for (const target of targets) {
    const language = random.pick([...languages, 'de']);
    const text = `${target} in ${language ?? 'any'}`.repeat(random.once(200) ? 4_000 : 1 + random.below(3));
    const pieces = text.match(/[^]{1,65536}/g) ?? [];
    await put(shelf, responseTo(target, language), ...pieces);
    all.push({ target, text });
  }
  return all;
}

type Damage = (record: HeapRecord, other: HeapRecord, random: Random) => void;

/** What becomes of a record where it lies. */
const damages: readonly Damage[] = [
  (record, _, random) => {
    const text = mutated(record.head.toString('latin1'), random, { words, others });
    record.head = Buffer.from(text, 'latin1');
  },
  (record, other) => {
    record.head = other.head;
  },
  (record, _, random) => {
    record.head = Buffer.from(random.pick(others), 'latin1');
  },
  (record, other) => {
    record.pieces.splice(0, record.pieces.length, ...other.pieces);
  },
  (record, _, random) => {
    const at = random.below(record.pieces.length);
    const text = mutated((record.pieces[at] ?? Buffer.alloc(0)).toString('latin1'), random, { words, others });
    record.pieces[at] = Buffer.from(text, 'latin1');
  },
  (record, other) => {
    record.head = other.head;
    record.pieces.splice(0, record.pieces.length, ...other.pieces);
  },
];

function bytesOf({ head, pieces }: HeapRecord): string {
  return [head, ...pieces].map((bytes) => bytes.toString('latin1')).join('|');
}

/** Damages records of a shelf: what is found then is what was put there for that target, or nothing, and that is counted. */
export const shelf: FuzzTarget = {
  name: 'shelf',
  run: async (random) => {
    const ground = new HeapGround();
    const backing = new HeapBacking(ground, { isLater: random.once(2) });
    const damaged = backedShelf(backing);
    const stored = await filled(damaged, random);
    const before = new Set(ground.records.map((record) => `${record.place.row} ${bytesOf(record)}`));
    for (const record of ground.records)
      if (random.once(2)) random.pick(damages)(record, random.pick(ground.records), random);
    const wrong = ground.records.filter((record) => !before.has(`${record.place.row} ${bytesOf(record)}`)).length;
    const input = ground.records.map(bytesOf);
    for (const { target, text } of stored) {
      for (const shelved of await damaged.lookup(responseTo(target).key)) {
        hold('a response is found for its own target only', shelved.stored.key === responseTo(target).key, input);
        const read = await textRead(shelved);
        hold('its content is what was put, or can not be had', read === undefined || read === text, input);
      }
    }
    await turn();
    hold('what is damaged is counted', damaged.stats().damaged >= Math.min(wrong, 1), input);
  },
};
