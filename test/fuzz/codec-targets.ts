import { isDeepStrictEqual } from 'node:util';
import { crc32 } from 'node:zlib';
import { decodeRecord, encodeRecord } from '../../src/store/codec.ts';
import { decodeEntry, encodeEntry, type Entry, idBytes } from '../../src/store/disk/entry.ts';
import { aboutEverything, orderOfText, textOfOrder } from '../../src/store/order-text.ts';
import { descriptionOf } from '../../src/store/redis/rows.ts';
import { memberOf } from '../../src/store/redis/members.ts';
import { seal, sumOf, unseal } from '../../src/store/sealed-record.ts';
import { anyStored } from '../store/any-stored.ts';
import { corpus, samples } from './corpus.ts';
import { mutated } from './mutation.ts';
import { type FuzzTarget, hold, holdQuiet } from './target.ts';

const responses = samples(anyStored, 200);
const records = responses.flatMap((stored) => encodeRecord(stored)?.toString('latin1') ?? []);
const sealed = responses.flatMap((stored, index) => {
  const pieces = Array.from({ length: index % 3 }, (_, piece) => Buffer.from(`piece ${piece}`));
  const contentLength = pieces.length * 65_536;
  return seal({ stored, putAt: 1_795_000_000_000, contentLength, sums: pieces.map(sumOf) })?.toString('latin1') ?? [];
});
const whole = new Set(sealed);
const words = [
  '\0',
  '\xff',
  '\x80',
  '\xe7\x03',
  '\xe8\x01',
  '\xff\xff\xff\x7f',
  '\xff\xff\xff\xff',
  '\0\0\0\0\0\0\xf0\x7f',
];

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

const codec: FuzzTarget = {
  name: 'records',
  run: (random) => {
    const text = mutated(random.pick(records), random, { words, others: records });
    const bytes = latin1(text);
    const decoded = holdQuiet('decodeRecord', text, () => decodeRecord(bytes));
    if (decoded === undefined) return;
    hold('a record is no longer than its bytes', decoded.length <= bytes.length, text);
    const written = holdQuiet('encodeRecord', text, () => encodeRecord(decoded.stored));
    hold('what was read can be written', written !== undefined, text);
    const again = decodeRecord(written)?.stored;
    hold('and is read again as the same', isDeepStrictEqual(again, decoded.stored), text);
  },
};

const envelope: FuzzTarget = {
  name: 'sealed-records',
  run: (random) => {
    const text = mutated(random.pick(sealed), random, { words, others: sealed });
    const bytes = latin1(text);
    const isSummedUp = random.once(2) && bytes.length >= 8;
    // As a newer version may have written it, or somebody who means harm.
    if (isSummedUp) bytes.writeUInt32LE(crc32(bytes.subarray(8), crc32(bytes.subarray(0, 4))), 4);
    const input = bytes.toString('latin1');
    const unsealed = holdQuiet('unseal', input, () => unseal(bytes));
    if (unsealed.kind !== 'sealed') return;
    hold('only what was written is believed', isSummedUp || whole.has(input), input);
    const { contentLength, sums } = unsealed.sealed;
    hold('there is a sum for each piece', sums.length === Math.ceil(contentLength / 65_536), input);
  },
};

const entries = sealed.map((head, index) => {
  const entry: Entry = {
    where: index % 2 === 0 ? 'inside' : 'file',
    id: Buffer.alloc(idBytes, index),
    length: index * 1_000,
    turn: index,
    keepUntil: index * 1_000_000,
    head: latin1(head),
  };
  return encodeEntry(entry).toString('latin1');
});

const disk: FuzzTarget = {
  name: 'disk-entries',
  run: (random) => {
    const text = mutated(random.pick(entries), random, { words, others: entries });
    const entry = holdQuiet('decodeEntry', text, () => decodeEntry(latin1(text)));
    if (entry === undefined) return;
    const written = encodeEntry(entry);
    hold('what was read is written as the same', isDeepStrictEqual(decodeEntry(written), entry), text);
    hold('no head is made up', text.endsWith(entry.head.toString('latin1')), text);
    holdQuiet('unseal', text, () => unseal(entry.head));
  },
};

const orders = corpus('orders');
const orderWords = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  'null',
  'true',
  '1e999',
  '-1',
  '"kind"',
  '"all"',
  '"purge"',
  '\\u0000',
  '\xff',
];

const orderTexts: FuzzTarget = {
  name: 'orders',
  run: (random) => {
    const text = mutated(random.pick(orders), random, { words: orderWords, others: orders });
    const order = holdQuiet('orderOfText', text, () => orderOfText(text));
    hold('what was read is written as the same', isDeepStrictEqual(orderOfText(textOfOrder(order)), order), text);
    hold('what is cut off is about everything', isJson(text) || order === aboutEverything, text);
    const member = `${random.below(1_000)}:${random.once(3) ? text : 'a%20b'}:${'0'.repeat(16)}:${text}`;
    holdQuiet('memberOf', member, () => memberOf(random.once(2) ? Buffer.from(member) : member));
  },
};

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const log = '1790000000000000';
const descriptions = [
  `1${log}${'9'.repeat(16)}0000000000000007${'-'.padEnd(16)}${log}`,
  `1${log}${'9'.repeat(16)}0000000000200000abcdefgh01234567${log}head`,
];

const descriptionsOfRows: FuzzTarget = {
  name: 'descriptions',
  run: (random) => {
    const text = mutated(random.pick(descriptions), random, {
      words: ['0', '9', '-', ' ', '\n', '\xff'],
      others: sealed,
    });
    const description = holdQuiet('descriptionOf', text, () => descriptionOf(latin1(text)));
    if (description === undefined) return;
    const { length, expiresAt, putAt } = description;
    hold(
      'its numbers are numbers',
      [length, expiresAt, putAt].every((number) => number >= 0),
      text,
    );
  },
};

/** Whatever bytes there are where a shelf keeps something: never an exception, and nothing believed that was not written. */
export const codecTargets: readonly FuzzTarget[] = [codec, envelope, disk, orderTexts, descriptionsOfRows];
