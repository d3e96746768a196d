import { expect, test } from 'vitest';
import { Passage } from '../../../src/engine/passage.ts';
import { MemoryStore } from '../../../src/store/memory.ts';
import { answerTo } from './answering.ts';
import { RecordingSink } from './recording-sink.ts';

const maxBytes = 64 * 1024;
const nothing = (): void => undefined;

/** Content on its way to one client that takes nothing. */
function stage() {
  const store = new MemoryStore({ maxBytes, maxObjectBytes: maxBytes, maxVariants: 4 });
  const calls: string[] = [];
  const record = (call: string) => () => void calls.push(call);
  const controls = {
    pause: record('pause'),
    resume: record('resume'),
    unread: record('unread'),
    refused: nothing,
    storing: nothing,
  };
  const body = new Passage(controls, store);
  const sink = new RecordingSink();
  body.add(answerTo(sink));
  sink.full = true;
  return { body, calls, sink, used: () => store.stats().bytesUsed };
}

const piece = Buffer.alloc(2 * maxBytes, 'x');

test('content that passes counts until its client has taken it, whether there is room or not', () => {
  const { body, calls, sink, used } = stage();
  body.write(piece);
  expect([used(), calls]).toEqual([piece.length, ['pause']]);
  sink.drain();
  expect([used(), calls]).toEqual([0, ['pause', 'resume']]);
});

test('content that a client takes at once does not count', () => {
  const { body, sink, used } = stage();
  sink.full = false;
  body.write(piece);
  expect(used()).toBe(0);
});

const ends: readonly (readonly [string, (passing: ReturnType<typeof stage>) => void])[] = [
  ['its client leaves', ({ sink }) => sink.leave()],
  ['it breaks off', ({ body }) => body.abort(undefined)],
  ['it is complete', ({ body }) => body.complete()],
];

test.each(ends)('content that passes counts no more when %s', (_, end) => {
  const passing = stage();
  passing.body.write(piece);
  end(passing);
  expect(passing.used()).toBe(0);
});
