import { describe, expect, it } from 'vitest';
import { Feed } from '../../../src/engine/feed.ts';
import { fieldsOf, fieldValue, hasField, noFields, withLine } from '../../../src/http/fields.ts';
import type { Shelved } from '../../../src/store/store.ts';
import { answerTo } from './answering.ts';
import { ContentElsewhere } from './content-elsewhere.ts';
import { stage } from './engine-stage.ts';
import { RecordingSink } from './recording-sink.ts';
import { adapted } from './adapted-store.ts';
import { as, shelvedElsewhere, text } from './shelved-elsewhere.ts';

const everything = { first: 0, end: undefined };
const turn = (): Promise<void> => new Promise(setImmediate);

function feeding(sink: RecordingSink, content: ContentElsewhere): Feed {
  const answer = answerTo(sink);
  answer.head({ status: 200, fields: noFields }, { hit: true });
  return new Feed(answer, content, everything);
}

describe('content that has to be brought', () => {
  it('is sent piece by piece, and each reader waits for its own', async () => {
    const content = new ContentElsewhere(text, 4);
    const [one, two] = [new RecordingSink(), new RecordingSink()];
    feeding(one, content).pump();
    await content.bring();
    feeding(two, content).pump();
    expect([one.text, one.ended, two.text, two.ended]).toEqual([text, true, '', false]);
    await content.bring();
    expect([two.text, two.ended]).toEqual([text, true]);
  });

  it('is not asked for while its client takes nothing', async () => {
    const content = new ContentElsewhere(text, 4);
    const sink = new RecordingSink();
    sink.full = true;
    feeding(sink, content).pump();
    await content.bring();
    expect([sink.text, content.errands.length]).toEqual(['abcd', 0]);
    sink.drain();
    await content.bring();
    expect([sink.text, sink.ended]).toEqual([text, true]);
  });

  it('is asked for once, however often its client drains meanwhile', () => {
    const content = new ContentElsewhere(text, 4);
    const sink = new RecordingSink();
    feeding(sink, content).pump();
    sink.drain();
    expect(content.errands).toHaveLength(1);
  });

  it('is forgotten by a reader that leaves, and counts no more for it', async () => {
    const content = new ContentElsewhere(text, 4);
    const sink = new RecordingSink();
    const feed = feeding(sink, content);
    let holds = 0;
    feed.holdIn({ hold: () => (holds++, () => holds--) }, content);
    feed.pump();
    expect(holds).toBe(1);
    sink.leave();
    await content.bring();
    expect([sink.text, sink.aborted, content.errands.length, holds]).toEqual(['', false, 0, 0]);
  });

  it.each<[string, (content: ContentElsewhere) => void]>([
    ['can not be had any more', ({ errands }) => errands.shift()?.done(false)],
    ['can not be read', ({ errands }) => errands.shift()?.fail(new Error('EIO'))],
    [
      'is not there although it was said to be',
      (content) => {
        const errand = content.errands.shift();
        errand?.done(true);
        content.at = () => undefined;
      },
    ],
  ])('and %s breaks the answer off, which counts no more', async (_, trouble) => {
    const content = new ContentElsewhere(text, 4);
    const sink = new RecordingSink();
    const feed = feeding(sink, content);
    let holds = 0;
    feed.holdIn({ hold: () => (holds++, () => holds--) }, content);
    feed.pump();
    content.errands.shift()?.done(true);
    await turn();
    trouble(content);
    await turn();
    expect([sink.text, sink.ended, sink.aborted, holds]).toEqual(['abcd', false, true, 0]);
  });
});

const request = (method: string) => ({
  method,
  scheme: 'http' as const,
  authority: 'example.com',
  target: '/',
  version: '1.1' as const,
  fields: withLine(noFields, 'host', 'example.com'),
});

describe('a stored response whose content lies elsewhere', () => {
  it('answers with all of it, with a part, with several, without any, or says that there is no such part', async () => {
    const { ask, content, origin } = shelvedElsewhere();
    const whole = ask('/');
    const part = ask('/', as('GET', ['range', 'bytes=3-8']));
    const head = ask('/', as('HEAD'));
    const notModified = ask('/', as('GET', ['if-none-match', '"1"']));
    const beyond = ask('/', as('GET', ['range', 'bytes=90-']));
    await content.bring();
    expect([whole.text, part.text, head.text]).toEqual([text, text.slice(3, 9), '']);
    expect([whole, part, head, notModified, beyond].map(({ heads }) => heads[0]?.status)).toEqual([
      200, 206, 200, 304, 416,
    ]);
    for (const sink of [whole, part, head, notModified, beyond]) expect(sink.ended).toBe(true);
    expect(fieldValue(part.heads[0]?.fields ?? noFields, 'content-range')).toBe('bytes 3-8/12');
    expect(origin.arrivals).toHaveLength(1);
  });

  it('is not for the fast lane, but for what has no content', () => {
    const { engine, content } = shelvedElsewhere();
    const client = { address: '127.0.0.1' };
    expect(engine.hit(request('GET'), client)).toBeUndefined();
    expect(engine.hit(request('HEAD'), client)?.head.status).toBe(200);
    expect(content.errands).toHaveLength(0);
  });

  it('is no hit where not even its first byte can be had: the origin is asked', async () => {
    const { ask, content, origin, answer: respond } = shelvedElsewhere();
    const sink = ask('/', as('GET', ['range', 'bytes=5-6']));
    expect([sink.heads.length, content.errands.map(({ offset }) => offset)]).toEqual([0, [5]]);
    content.errands[0]?.fail(new Error('EIO'));
    await turn();
    expect([sink.heads.length, origin.arrivals.length]).toEqual([0, 2]);
    respond(1, ['cache-control', 'max-age=60']);
    expect([sink.ended, sink.aborted]).toEqual([true, false]);
  });

  it('is not validated where its content can not be had: the whole is asked for', async () => {
    const { ask, content, origin } = shelvedElsewhere();
    ask('/', as('GET', ['cache-control', 'no-cache']));
    content.errands.shift()?.done(false);
    await turn();
    expect(hasField(origin.arrivals[1]?.fields ?? noFields, 'if-none-match')).toBe(false);
    ask('/', as('GET', ['cache-control', 'no-cache, max-age=1']));
    content.errands.shift()?.done(true);
    await turn();
    expect(fieldValue(origin.arrivals[2]?.fields ?? noFields, 'if-none-match')).toBe('"1"');
  });

  it('is nothing for a client that leaves before its first byte is there', async () => {
    const { ask, content, origin, records } = shelvedElsewhere();
    ask('/').leave();
    content.errands[0]?.done(false);
    await turn();
    expect([origin.arrivals.length, records.at(-1)]).toMatchObject([1, { end: 'client-left', status: 0 }]);
  });
});

/** Holds the first twelve of twenty bytes; whoever looks up finds `content` for them, until they were joined with others. */
function partElsewhere() {
  const content = new ContentElsewhere(text, 4);
  const elsewhere = (shelf: readonly Shelved[]): readonly Shelved[] =>
    shelf.map(({ stored, content: own }) => ({ stored, content: stored.extent === undefined ? own : content }));
  const play = stage({}, (memory) =>
    adapted(memory, { lookup: (key, presented) => elsewhere(memory.lookup(key, presented)) }),
  );
  const arrive = (bytes: string, range: string): void => {
    const arrival = play.origin.arrivals.at(-1);
    const fields = fieldsOf(play.date, ['cache-control', 'max-age=60'], ['etag', '"1"'], ['content-range', range]);
    arrival?.head({ status: 206, fields });
    arrival?.write(Buffer.from(bytes));
    arrival?.end();
  };
  play.ask('/', as('GET', ['range', 'bytes=0-11']));
  arrive(text, 'bytes 0-11/20');
  return { ...play, content, arrive };
}

describe('a stored part whose content lies elsewhere', () => {
  it('is joined with the rest when it was brought', async () => {
    const { ask, content, arrive, origin } = partElsewhere();
    ask('/', as('GET', ['range', 'bytes=12-19']));
    arrive('mnopqrst', 'bytes 12-19/20');
    await content.bring();
    expect([ask('/').text, origin.arrivals.length]).toEqual(['abcdefghijklmnopqrst', 2]);
  });

  it('is not joined with it where a purge came before it was brought', async () => {
    const { ask, content, arrive, origin, engine } = partElsewhere();
    ask('/', as('GET', ['range', 'bytes=12-19']));
    arrive('mnopqrst', 'bytes 12-19/20');
    await engine.operations.purge({ kind: 'all' }, 'hard');
    await content.bring();
    ask('/');
    expect(origin.arrivals).toHaveLength(3);
  });

  it('is not joined with it where it can not be had, and what came is there', async () => {
    const { ask, content, arrive, origin } = partElsewhere();
    ask('/', as('GET', ['range', 'bytes=12-19']));
    arrive('mnopqrst', 'bytes 12-19/20');
    content.errands[0]?.done(false);
    await turn();
    ask('/', as('GET', ['range', 'bytes=12-19']));
    expect(origin.arrivals).toHaveLength(2);
  });

  it('is not completed by what it lacks: the whole is asked for', () => {
    const { ask, origin } = partElsewhere();
    ask('/');
    expect(hasField(origin.arrivals[1]?.fields ?? noFields, 'range')).toBe(false);
  });
});
