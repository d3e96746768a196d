import { describe, expect, it } from 'vitest';
import { sliceBytes } from '../../../src/admin/limits.ts';
import { LineStream, sendWhole } from '../../../src/admin/reply.ts';
import { fieldValue, type Fields } from '../../../src/http/fields.ts';
import type { TailRecord } from '../../../src/observe/statistics.ts';
import { ManualClock } from '../../../src/play/manual-clock.ts';
import { exchangeWith, RecordingSink } from '../engine/recording-sink.ts';
import { aTailRecord } from './fake-parts.ts';

const settled = (): Promise<void> => Promise.resolve();

function setting(): { sink: RecordingSink; clock: ManualClock; parts: { clock: ManualClock; stallMs: number } } {
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  return { sink: new RecordingSink(), clock, parts: { clock, stallMs: 1_000 } };
}

function sentFields({ heads }: RecordingSink): Fields {
  const [head] = heads;
  if (head === undefined) throw new Error('no head was sent');
  return head.fields;
}

describe('sendWhole', () => {
  const reply = {
    status: 200,
    fields: [['content-type', 'text/plain']],
    content: Buffer.alloc(3 * sliceBytes),
  } as const;

  it('sends all of it with its length and date, for no browser to guess at or to share', () => {
    const { sink, parts } = setting();
    sendWhole(exchangeWith(sink), reply, parts);
    expect(sink.received).toBe(3 * sliceBytes);
    expect(sink.ended).toBe(true);
    const fields = sentFields(sink);
    expect(fieldValue(fields, 'content-length')).toBe(String(3 * sliceBytes));
    expect(fieldValue(fields, 'date')).toBe('Thu, 01 Jan 2026 00:00:00 GMT');
    expect(fieldValue(fields, 'x-content-type-options')).toBe('nosniff');
    expect(fieldValue(fields, 'cross-origin-resource-policy')).toBe('same-origin');
  });

  it('sends the head alone for HEAD', () => {
    const { sink, parts } = setting();
    const exchange = exchangeWith(sink);
    sendWhole({ ...exchange, request: { ...exchange.request, method: 'HEAD' } }, reply, parts);
    expect(sink.received).toBe(0);
    expect(sink.ended).toBe(true);
    expect(fieldValue(sentFields(sink), 'content-length')).toBe(String(3 * sliceBytes));
  });

  it('writes no faster than its client takes', async () => {
    const { sink, clock, parts } = setting();
    sink.full = true;
    sendWhole(exchangeWith(sink), reply, parts);
    expect(sink.received).toBe(sliceBytes);
    await clock.advance(999, settled);
    sink.drain();
    expect(sink.received).toBe(3 * sliceBytes);
    expect(sink.ended).toBe(true);
    await clock.advance(10_000, settled);
    expect(sink.aborted).toBe(false);
  });

  it('lets go of a client that takes nothing', async () => {
    const { sink, clock, parts } = setting();
    sink.full = true;
    sendWhole(exchangeWith(sink), reply, parts);
    await clock.advance(1_000, settled);
    expect(sink.aborted).toBe(true);
  });

  it('waits no longer for a client that has left', async () => {
    const { sink, clock, parts } = setting();
    sink.full = true;
    sendWhole(exchangeWith(sink), reply, parts);
    sink.leave();
    await clock.advance(10_000, settled);
    expect(sink.aborted).toBe(false);
  });
});

describe('LineStream', () => {
  type Listener = (record: TailRecord) => void | Promise<void>;

  /** A stream that listens to a source of ours. */
  function streaming(): ReturnType<typeof setting> & {
    stream: LineStream;
    listeners: Set<Listener>;
    ended: LineStream[];
  } {
    const { sink, clock, parts } = setting();
    const listeners = new Set<Listener>();
    const ended: LineStream[] = [];
    const stream = new LineStream(exchangeWith(sink), parts, (gone) => ended.push(gone));
    const source = (listener: Listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    };
    stream.begin(source, 'application/x-ndjson', parts);
    return { sink, clock, parts, stream, listeners, ended };
  }

  it('writes each record as a line', () => {
    const { sink, listeners } = streaming();
    for (const listener of listeners) expect(listener(aTailRecord)).toBeUndefined();
    for (const listener of listeners) void listener({ ...aTailRecord, lost: 2 });
    expect(
      sink.text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([aTailRecord, { ...aTailRecord, lost: 2 }]);
  });

  it('wants no more records until its client has taken what is written', async () => {
    const { sink, listeners } = streaming();
    sink.full = true;
    const [listener] = listeners;
    let wantsMore = false;
    const waiting = Promise.resolve(listener?.(aTailRecord)).then(() => {
      wantsMore = true;
    });
    await settled();
    expect(wantsMore).toBe(false);
    sink.drain();
    await waiting;
    expect(wantsMore).toBe(true);
  });

  it('lets go of a client that takes nothing, and of its source', async () => {
    const { sink, clock, stream, listeners, ended } = streaming();
    sink.full = true;
    const [listener] = listeners;
    const waiting = listener?.(aTailRecord);
    await clock.advance(1_000, settled);
    await waiting;
    expect(sink.aborted).toBe(true);
    expect(listeners.size).toBe(0);
    expect(ended).toEqual([stream]);
  });

  it('listens no more when its client has left', () => {
    const { sink, stream, listeners, ended } = streaming();
    sink.leave();
    expect(listeners.size).toBe(0);
    stream.end();
    expect(ended).toEqual([stream]);
    expect(sink.ended).toBe(false);
  });

  it('is complete when it is ended', () => {
    const { sink, stream, listeners } = streaming();
    stream.end();
    expect(sink.ended).toBe(true);
    expect(listeners.size).toBe(0);
  });
});
