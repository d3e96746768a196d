import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../../src/engine/exchange.ts';
import { fieldsOf, fieldValue, withLine } from '../../../src/http/fields.ts';
import type { MemoryStore } from '../../../src/store/memory.ts';
import type { Store } from '../../../src/store/store.ts';
import { stage } from './engine-stage.ts';
import type { RecordingSink } from './recording-sink.ts';

const operator = '10.0.0.7';

type Play = ReturnType<typeof stage>;

/** An engine with a response on its shelf under /a, where only the operator may send PURGE. */
function stocked(mayPurge: ((address: string) => boolean) | undefined = (address) => address === operator): Play {
  const play = stage({}, (store) => store, mayPurge);
  play.ask('/a');
  play.answer(0, ['cache-control', 'max-age=60'], ['etag', '"1"']);
  return play;
}

function broken(store: MemoryStore): Store {
  return Object.assign(store, { purge: () => Promise.reject(new Error('no shelf')) });
}

interface Asker {
  readonly address?: string;
  readonly fields?: readonly (readonly [string, string])[];
}

async function purge(
  play: Play,
  target: string,
  { address = operator, fields = [] }: Asker = {},
): Promise<RecordingSink> {
  const sink = play.ask(target, (exchange): Exchange => {
    const lines = fields.reduce((all, [name, value]) => withLine(all, name, value), exchange.request.fields);
    return { ...exchange, client: { address }, request: { ...exchange.request, method: 'PURGE', fields: lines } };
  });
  // A purge lets requests go on beside it, the more often the busier the machine is.
  while (!sink.ended) await new Promise(setImmediate);
  return sink;
}

function field({ heads }: RecordingSink, name: string): string | undefined {
  return fieldValue(heads[0]?.fields ?? fieldsOf(), name);
}

describe('PURGE', () => {
  it('makes what is stored stale, and says so', async () => {
    const play = stocked();
    const sink = await purge(play, '/a');
    expect(JSON.parse(sink.text)).toMatchObject({
      matched: 1,
      stale: 1,
      removed: 0,
      acknowledged: [{ instance: 'etagere-1' }],
    });
    expect(sink.heads[0]?.status).toBe(200);
    expect(field(sink, 'content-type')).toBe('application/json');
    expect(field(sink, 'cache-control')).toBe('no-store');
    expect(field(sink, 'cache-status')).toBe('etagere; detail=purge');
    play.ask('/a');
    expect(fieldValue(play.origin.arrivals[1]?.fields ?? fieldsOf(), 'if-none-match')).toBe('"1"');
  });

  it('removes it where that is asked for', async () => {
    const play = stocked();
    const sink = await purge(play, '/a', { fields: [['purge-mode', 'hard']] });
    expect(JSON.parse(sink.text)).toMatchObject({ matched: 1, stale: 0, removed: 1 });
  });

  it('leaves every other target alone', async () => {
    const play = stocked();
    expect(JSON.parse((await purge(play, '/b')).text)).toMatchObject({ matched: 0 });
    expect(field(play.ask('/a'), 'cache-status')).toContain('hit');
  });

  it('never goes to the origin', async () => {
    const play = stocked();
    await purge(play, '/a');
    await purge(play, '/a', { address: '10.0.0.8' });
    expect(play.origin.arrivals).toHaveLength(1);
  });

  it.each([
    ['an address that may not', { address: '10.0.0.8' }, 403, 'purge-forbidden'],
    ['a client of a proxy that may', { fields: [['via', '1.1 proxy']] }, 403, 'purge-forbidden'],
    ['somebody that a proxy speaks for', { fields: [['x-forwarded-for', operator]] }, 403, 'purge-forbidden'],
    ['a page in a browser of the operator', { fields: [['origin', 'http://evil.example']] }, 403, 'purge-forbidden'],
    ['a page of no origin', { fields: [['origin', 'null']] }, 403, 'purge-forbidden'],
    [
      'a page of the same origin, which may be of anybody',
      { fields: [['sec-fetch-site', 'same-origin']] },
      403,
      'purge-forbidden',
    ],
    ['an operator who wants what there is not', { fields: [['purge-mode', 'Hard']] }, 400, 'purge-mode-unknown'],
  ] as const)('does nothing for %s', async (_, asker, status, detail) => {
    const play = stocked();
    const sink = await purge(play, '/a', asker);
    expect(sink.heads[0]?.status).toBe(status);
    expect(field(sink, 'cache-status')).toBe(`etagere; detail=${detail}`);
    expect(field(play.ask('/a'), 'cache-status')).toContain('hit');
  });

  it('is off where nobody may', async () => {
    const play = stage();
    const sink = await purge(play, '/a');
    expect(sink.heads[0]?.status).toBe(501);
    expect(JSON.parse(sink.text)).toMatchObject({ code: 'PURGE_OFF' });
  });

  it('is in the log like every request', async () => {
    const play = stocked();
    await purge(play, '/a');
    expect(play.records.at(-1)).toMatchObject({ status: 200, end: 'complete', cacheStatus: { detail: 'purge' } });
    await purge(play, '/a', { address: '10.0.0.8' });
    expect(play.records.at(-1)).toMatchObject({ status: 403, error: 'PURGE_FORBIDDEN' });
  });

  it('tells the log of operators what was purged and for whom, and nothing of what was refused', async () => {
    const play = stocked();
    await purge(play, '/a', { address: '10.0.0.8' });
    await purge(play, '/a', { fields: [['purge-mode', 'hard']] });
    const asked = { selection: { kind: 'url', url: 'http://example.com/a' }, mode: 'hard' };
    expect(play.orders).toMatchObject([
      {
        order: { kind: 'purge', asked },
        outcome: { kind: 'purged', receipt: { matched: 1, removed: 1 } },
        from: { address: operator },
      },
    ]);
  });

  it('tells it of a purge that failed', async () => {
    const play = stage({}, broken, () => true);
    expect(JSON.parse((await purge(play, '/a')).text)).toMatchObject({ code: 'INTERNAL' });
    expect(play.orders).toMatchObject([{ outcome: { kind: 'refused', error: 'INTERNAL' } }]);
  });
});
