import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Exchange } from '../../../src/engine/exchange.ts';
import { NotStoredHeads } from '../../../src/engine/not-stored.ts';
import { fieldsOf, withLine } from '../../../src/http/fields.ts';
import { adapted } from './adapted-store.ts';
import { stage } from './engine-stage.ts';
import type { RecordingSink } from './recording-sink.ts';

const turn = (): Promise<void> => new Promise(setImmediate);

const post = (exchange: Exchange): Exchange => ({
  ...exchange,
  request: { ...exchange.request, method: 'POST', fields: withLine(exchange.request.fields, 'content-length', '0') },
});

/** What a client has by now. */
const has = (sink: RecordingSink): unknown => [sink.heads.length, sink.text, sink.ended, sink.aborted];
const nothing = [0, '', false, false];

/** RFC 9111 §4.4: all who share a shelf are one cache to their clients, who may ask another of them next. */
describe.each(['at once', 'later'])('the answer to what has changed something, of an origin that waits %s', (when) => {
  let others: Others;
  let play: ReturnType<typeof stage>;

  beforeEach(() => {
    others = withResolvers();
    play = stage({ shelfStallMs: 1_000 }, (memory) =>
      adapted(memory, { invalidate: () => others.promise, invalidateGroup: () => others.promise }),
    );
  });

  /** As far as the head, and what comes right behind it. */
  async function answered(status = 200, ...lines: readonly (readonly [string, string])[]) {
    const sink = play.ask('/a', post);
    await turn();
    const arrival = play.origin.arrivals[0];
    // What was on its way comes all the same.
    if (when === 'later') Object.assign(arrival?.call ?? {}, { pause: () => undefined });
    arrival?.head({ status, fields: fieldsOf(play.date, ...lines) });
    arrival?.write(Buffer.from('chan'));
    await turn();
    return { sink, arrival };
  }

  it('waits until others who share the shelf know of that, and comes in its order then', async () => {
    const { sink, arrival } = await answered();
    expect(has(sink)).toEqual(nothing);
    arrival?.write(Buffer.from('ged'));
    arrival?.end();
    await turn();
    expect(has(sink)).toEqual(nothing);
    others.resolve();
    await turn();
    await turn();
    expect(has(sink)).toEqual([1, 'changed', true, false]);
    expect(play.records).toMatchObject([{ status: 200, end: 'complete' }]);
  });

  it('fails alone where it can’t be told of for a fault of ours', async () => {
    const { sink, arrival } = await answered();
    const faulty = vi.spyOn(NotStoredHeads.prototype, 'add').mockImplementation(() => {
      throw new TypeError('a fault of Etagere');
    });
    others.resolve();
    await turn();
    await turn();
    faulty.mockRestore();
    expect(sink.heads).toMatchObject([{ status: 500 }]);
    expect([sink.ended, arrival?.withdrawn]).toEqual([true, true]);
  });

  it('goes on with what comes after that', async () => {
    const { sink, arrival } = await answered();
    others.resolve();
    await turn();
    await turn();
    expect(has(sink)).toEqual([1, 'chan', false, false]);
    arrival?.write(Buffer.from('ged'));
    arrival?.end();
    expect(has(sink)).toEqual([1, 'changed', true, false]);
  });

  it('waits for them no longer than for a shelf', async () => {
    const { sink } = await answered();
    await play.clock.advance(999, turn);
    expect(has(sink)).toEqual(nothing);
    await play.clock.advance(1, turn);
    expect(has(sink)).toEqual([1, 'chan', false, false]);
    others.resolve();
    await turn();
    await turn();
    expect(has(sink)).toEqual([1, 'chan', false, false]);
  });

  it('waits also for what it has invalidated by the names of groups (RFC 9875)', async () => {
    play = stage({}, (memory) =>
      adapted(memory, { invalidate: () => undefined, invalidateGroup: () => others.promise }),
    );
    const { sink } = await answered(200, ['cache-group-invalidation', '"g"']);
    expect(has(sink)).toEqual(nothing);
    others.resolve();
    await turn();
    await turn();
    expect(sink.heads.length).toBe(1);
  });

  it('does not wait where it has changed nothing', async () => {
    const { sink } = await answered(404);
    expect(has(sink)).toEqual([1, 'chan', false, false]);
  });

  it('breaks off where the origin did meanwhile', async () => {
    const { sink, arrival } = await answered();
    arrival?.breakOff();
    await turn();
    expect(has(sink)).toEqual(nothing);
    others.resolve();
    await turn();
    await turn();
    expect([sink.heads.length, sink.ended, sink.aborted]).toEqual([1, false, true]);
  });

  it('is told to nobody where its client has left meanwhile, and the origin is let go of', async () => {
    const { sink, arrival } = await answered();
    sink.leave();
    expect(arrival?.withdrawn).toBe(true);
    others.resolve();
    await turn();
    await turn();
    expect(has(sink)).toEqual(nothing);
    expect(play.records).toMatchObject([{ end: 'client-left' }]);
  });
});

interface Others {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function withResolvers(): Others {
  const found: { resolve?: () => void } = {};
  const promise = new Promise<void>((resolve) => {
    found.resolve = resolve;
  });
  return { promise, resolve: () => found.resolve?.() };
}
