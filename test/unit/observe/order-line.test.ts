import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Selection } from '../../../src/engine/operations.ts';
import type { OrderRecord } from '../../../src/engine/orders.ts';
import { type AccessLogOptions, createAccessLog } from '../../../src/observe/access-log.ts';

const receipt = { matched: 2, stale: 2, removed: 0, fillsDoomed: 1, acknowledged: [] };

function purgeOf(selection: Selection): OrderRecord {
  return {
    order: { kind: 'purge', asked: { selection, mode: 'soft' } },
    outcome: { kind: 'purged', receipt },
    from: { address: '192.0.2.7' },
    durationMs: 1.234,
  };
}

const aPurge = purgeOf({ kind: 'url', url: 'http://shop.example/a?token=1' });

const aReload: OrderRecord = {
  ...aPurge,
  order: { kind: 'reload' },
  outcome: { kind: 'reloaded', changed: ['routes', 'purgeFrom'] },
};

const aSignal: OrderRecord = { ...aReload, from: 'SIGHUP' };

const ofProgram: OrderRecord = { ...aPurge, from: 'program' };

const aRefusal: OrderRecord = {
  ...aPurge,
  order: { kind: 'purge' },
  outcome: { kind: 'refused', error: 'ADMIN_CROSS_SITE' },
};

const wall = (): number => Date.UTC(2026, 0, 2, 3, 4, 5);

function written(style: AccessLogOptions['style'], record: OrderRecord): string {
  const lines: string[] = [];
  const destination = { write: (text: string) => lines.push(text), close: async () => undefined, reopen() {} };
  createAccessLog({ style, cacheName: 'etagere', destination, wall }).orderEnded(record);
  return stripVTControlCharacters(lines.join(''));
}

describe('the line for an order of an operator', () => {
  it('says as JSON what was purged for whom, without secrets', () => {
    expect(JSON.parse(written('json', aPurge))).toEqual({
      level: 'info',
      time: '2026-01-02T03:04:05.000Z',
      admin: 'purge',
      selection: { url: 'http://shop.example/a?token=[redacted]' },
      mode: 'soft',
      client: '192.0.2.7',
      matched: 2,
      doomed: 1,
      ms: 1.2,
    });
  });

  it.each<[Selection, object]>([
    [{ kind: 'prefix', prefix: 'http://a.test/?token=1' }, { prefix: 'http://a.test/?token=[redacted]' }],
    [{ kind: 'entry', id: '2-7' }, { entry: '2-7' }],
    [{ kind: 'host', host: 'a.test' }, { host: 'a.test' }],
    [{ kind: 'tag', tag: 'news' }, { tag: 'news' }],
    [{ kind: 'all' }, { all: true }],
  ])('has the selection as a purge says it: %j', (selection, said) => {
    expect(JSON.parse(written('json', purgeOf(selection)))).toMatchObject({ selection: said });
  });

  it('names those who share the shelf and have not heard of a purge in time', () => {
    const unheard = ['etagere-2', 'etagere-3'];
    const record: OrderRecord = { ...aPurge, outcome: { kind: 'purged', receipt: { ...receipt, unheard } } };
    expect(JSON.parse(written('json', record))).toMatchObject({ matched: 2, unheard });
    expect(written('pretty', record)).toContain('matched 2, doomed 1 unheard etagere-2, etagere-3');
  });

  it('says which settings a reload has changed', () => {
    expect(JSON.parse(written('json', aReload))).toMatchObject({
      level: 'info',
      admin: 'reload',
      changed: ['routes', 'purgeFrom'],
    });
  });

  it('says that a reload was ordered by a signal', () => {
    const line: unknown = JSON.parse(written('json', aSignal));
    expect(line).toMatchObject({ admin: 'reload', signal: 'SIGHUP', changed: ['routes', 'purgeFrom'] });
    expect(line).not.toHaveProperty('client');
  });

  it('says that a purge was ordered by the program', () => {
    const line: unknown = JSON.parse(written('json', ofProgram));
    expect(line).toMatchObject({ admin: 'purge', from: 'program', matched: 2 });
    expect(line).not.toHaveProperty('client');
  });

  it('warns of what was refused', () => {
    const line: unknown = JSON.parse(written('json', aRefusal));
    expect(line).toMatchObject({ level: 'warn', admin: 'purge', error: 'ADMIN_CROSS_SITE' });
    expect(line).not.toHaveProperty('selection');
  });

  it.each([
    [
      'a purge',
      aPurge,
      'purge {"url":"http://shop.example/a?token=[redacted]"} soft, from 192.0.2.7  matched 2, doomed 1',
    ],
    ['a reload', aReload, 'reload, from 192.0.2.7  changed routes, purgeFrom'],
    [
      'a reload of the same',
      { ...aReload, outcome: { kind: 'reloaded', changed: [] } } as const,
      'reload, from 192.0.2.7  nothing changed',
    ],
    ['a reload by a signal', aSignal, 'reload, by SIGHUP  changed routes, purgeFrom'],
    [
      'a purge by a program',
      ofProgram,
      'purge {"url":"http://shop.example/a?token=[redacted]"} soft, by the program  matched 2, doomed 1',
    ],
    ['a refusal', aRefusal, 'purge, from 192.0.2.7  ADMIN_CROSS_SITE'],
  ])('can be read by a person: %s', (_, record, text) => {
    expect(written('pretty', record)).toBe(`03:04:05 ${text}  1.2 ms\n`);
  });

  it('lets no tag write a line of its own, or to the terminal', () => {
    expect(written('pretty', purgeOf({ kind: 'tag', tag: 'a\n\u009b2J\u202e' }))).toContain(
      'purge {"tag":"a\\n\\u009b2J\\u202e"} soft',
    );
  });

  it('has no place in the combined format', () => {
    expect(written('combined', aPurge)).toBe('');
  });
});
