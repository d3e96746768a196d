import { describe, expect, it } from 'vitest';
import { EtagereError } from '../../../src/errors.ts';
import { FakeParts } from './fake-parts.ts';
import { type Asked, ask, posted, startAdmin } from './stage.ts';

const client = { address: '127.0.0.1' };

/** What the log of operators was told when that was asked. */
async function told(path: string, asked: Asked, change: Partial<FakeParts> = {}, token?: string): Promise<unknown> {
  const parts = Object.assign(new FakeParts(), change);
  const { port } = await startAdmin(parts, token);
  await ask(port, path, asked);
  return parts.told;
}

describe('the log of operators', () => {
  it('is told of a purge: what, how, for whom, and what it matched', async () => {
    expect(await told('/v1/purge', posted({ tag: 'news', mode: 'hard' }))).toEqual([
      {
        order: { kind: 'purge', asked: { selection: { kind: 'tag', tag: 'news' }, mode: 'hard' } },
        outcome: { kind: 'purged', receipt: expect.objectContaining({ matched: 2, fillsDoomed: 1 }) },
        from: client,
        durationMs: 0,
      },
    ]);
  });

  it('is told of a purge that found nothing to do', async () => {
    const parts = new FakeParts();
    parts.operations.matched = 0;
    const { port } = await startAdmin(parts);
    await ask(port, '/v1/purge', posted({ entry: 'gone' }));
    expect(parts.told).toMatchObject([
      {
        order: { asked: { selection: { kind: 'entry', id: 'gone' }, mode: 'soft' } },
        outcome: { kind: 'refused', error: 'ADMIN_ENTRY_UNKNOWN' },
      },
    ]);
  });

  it('is told of a purge beyond the number of those that may be under way, which is to be asked for again', async () => {
    const parts = new FakeParts();
    parts.operations.purge = () => Promise.reject(new EtagereError('PURGES_FULL', '64 are'));
    const { port } = await startAdmin(parts);
    const answer = await ask(port, '/v1/purge', posted({ all: true }));
    expect(answer).toMatchObject({ status: 503, json: { code: 'PURGES_FULL' }, headers: { 'retry-after': '1' } });
    expect(parts.told).toMatchObject([{ outcome: { kind: 'refused', error: 'PURGES_FULL' } }]);
  });

  it('is told of a reload, with the settings that have changed', async () => {
    expect(await told('/v1/reload', posted({}))).toMatchObject([
      { order: { kind: 'reload' }, outcome: { kind: 'reloaded', changed: ['routes'] }, from: client },
    ]);
  });

  it('is told of a reload that was refused', async () => {
    const outcome = { kind: 'refused', problem: 'etagere.yaml:1:1: no' } as const;
    expect(await told('/v1/reload', posted({}), { outcome })).toMatchObject([
      { order: { kind: 'reload' }, outcome: { kind: 'refused', error: 'CONFIGURATION_REFUSED' } },
    ]);
  });

  it('is told of what is ordered for a page of another origin', async () => {
    const asked = posted({ all: true }, { 'sec-fetch-site': 'cross-site' });
    expect(await told('/v1/purge', asked)).toEqual([
      {
        order: { kind: 'purge' },
        outcome: { kind: 'refused', error: 'ADMIN_CROSS_SITE' },
        from: client,
        durationMs: 0,
      },
    ]);
  });

  it.each([
    ['a preview, which changes nothing', '/v1/purge/preview', posted({ all: true })],
    ['what is not understood', '/v1/purge', posted({ tags: 'news' })],
    ['a preview for a page of another origin', '/v1/purge/preview', posted({ all: true }, { origin: 'http://a.test' })],
  ])('is told nothing of %s', async (_, path, asked) => {
    expect(await told(path, asked)).toEqual([]);
  });

  it('is told nothing of wrong tokens, of which there may be any number', async () => {
    const asked = posted({ all: true }, { authorization: 'Bearer wrong' });
    expect(await told('/v1/purge', asked, {}, 'correct-horse-battery')).toEqual([]);
  });
});
