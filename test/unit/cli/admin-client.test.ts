import { once } from 'node:events';
import { platform } from 'node:os';
import type { RequestListener, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AdminClient } from '../../../src/cli/admin-client.ts';
import { objectNaming } from '../../../src/cli/shape.ts';
import { EtagereError } from '../../../src/errors.ts';
import { problemResponse } from '../../../src/http/problem.ts';
import { keepAliveTimers } from '../keep-alive-timers.ts';
import { DeskTerminal, desk, served } from './desk-stage.ts';

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  vi.useRealTimers();
  for (const close of closers.splice(0)) await close();
});

/** Where something else listens than an admin API of this version. */
async function stranger(answer: RequestListener): Promise<string> {
  const server = await served(answer);
  closers.push(() => server.close());
  return server.url;
}

/** What is said by a command that ends with 1. */
async function fault(url: string, ...args: readonly string[]): Promise<string> {
  const terminal = new DeskTerminal();
  expect(await desk(terminal, ...args, '--admin', url)).toBe(1);
  expect(terminal.printed).toBe('');
  return terminal.said.join('\n');
}

const anything = objectNaming([]);

const figures = {
  uptimeSeconds: 1,
  requests: 1,
  hits: 1,
  collapsed: 0,
  misses: 0,
  refused: 0,
  errors: 0,
  hitRatio: 1,
  byteHitRatio: 1,
  bytesSent: 1,
  bytesFromShelf: 1,
  byReason: {},
  memory: { responses: 1, bytesUsed: 1, bytesLimit: 2, evictions: 0 },
  originActive: 0,
  originQueued: 0,
};

const store = { kind: 'redis', isUp: false, hits: 7, evictions: 0, failures: 2, damaged: 1 };

const row = { url: 'http://a/', requests: 1, hits: 1, misses: 0, bytes: 1, lastDetail: '' };

function answering(stats: object, top: object = { rows: [row] }): RequestListener {
  return (request, response) => response.end(JSON.stringify(request.url === '/v1/stats' ? stats : top));
}

describe('the figures of a shelf beneath memory', () => {
  it.each([
    [store, 'not used at the moment, as it failed, 7 hits, 0 evicted, 2 failures, 1 damaged'],
    [
      { ...store, isUp: true, responses: 3, bytesUsed: 1_024, bytesLimit: 4_096 },
      '1 KiB of 4 KiB, 3 responses, 7 hits, 0 evicted, 2 failures, 1 damaged',
    ],
  ])('are told as far as they are known: %j', async (told, line) => {
    const terminal = new DeskTerminal();
    await desk(terminal, 'stats', '--admin', await stranger(answering({ ...figures, store: told })));
    expect(terminal.printed).toContain(`redis           ${line}\n`);
  });
});

describe('an answer of another kind', () => {
  it.each([
    ['stats', { ...figures, requests: '\u001B[2J' }],
    ['stats', { ...figures, memory: null }],
    ['stats', { ...figures, store: { ...store, kind: '\u001B[2J' } }],
    ['stats', { ...figures, store: { ...store, bytesUsed: '\u001B[2J' } }],
    ['stats', { ...figures, byReason: { 'fwd=uri-miss': '\u001B[2J' } }],
    ['top', { ...figures, hitRatio: null }],
  ])('is not understood, and shows nothing: %s of %j', async (command, stats) => {
    const said = await fault(await stranger(answering(stats)), command);
    expect(said).toContain('in words that are not understood');
    expect(said).not.toContain('\u001B');
  });

  it.each([
    {},
    { rows: {} },
    { rows: [null] },
    { rows: [{ ...row, bytes: '\u001B[2J' }] },
    { rows: [{ ...row, atMost: 'x' }] },
  ])('has no rows to show: %j', async (top) => {
    expect(await fault(await stranger(answering(figures, top)), 'top', '--once')).toContain('not understood');
  });

  it.each([
    '{"time":1,"status":200}',
    '{"time":"","status":200,"lost":"\\u001b[2J"}',
    '{"time":"","status":200,"cache":{}}',
  ])('has no records to show: %s', async (line) => {
    const url = await stranger((_, response) => response.end(`${line}\n`));
    expect(await fault(url, 'tail')).toContain('not understood');
  });

  it.each([{ matched: 1 }, { matched: '1', stale: 0, removed: 0, fillsDoomed: 0, acknowledged: [] }])(
    'is no receipt: %j',
    async (receipt) => {
      const url = await stranger((_, response) => response.end(JSON.stringify(receipt)));
      expect(await fault(url, 'purge', '--all')).toContain('not understood');
    },
  );

  it('is a receipt of several instances, of which some were not heard of in time', async () => {
    const acknowledged = [
      { instance: 'etagere-1', inForceMs: 0.5, ms: 2 },
      { instance: 'etagere-2', inForceMs: 3 },
    ];
    const receipt = { matched: 1, stale: 1, removed: 0, fillsDoomed: 0, acknowledged, unheard: ['etagere-\u001b3'] };
    const url = await stranger((_, response) => response.end(JSON.stringify(receipt)));
    const terminal = new DeskTerminal();
    expect(await desk(terminal, 'purge', '--all', '--admin', url)).toBe(0);
    expect(terminal.printed).toMatch(
      /etagere-1, in force after 0\.5 ms, done after 2(?:\.0)? ms; etagere-2, in force after 3(?:\.0)? ms\n/,
    );
    expect(terminal.printed).toContain('\nunheard       etagere-\\u{1b}3; in force there when reached\n');
  });

  it('is shown so that a terminal does not obey it', async () => {
    const url = await stranger(
      answering(figures, { rows: [{ ...row, url: 'http://a/\u001B[2J', lastDetail: '\u009B' }] }),
    );
    const terminal = new DeskTerminal();
    expect(await desk(terminal, 'top', '--once', '--admin', url)).toBe(0);
    expect(terminal.printed).toContain('http://a/\\u{1b}[2J');
    expect(terminal.printed).toContain('\\u{9b}');
  });

  it('is read up to 16 MiB', async () => {
    const chunk = Buffer.alloc(2 ** 20, ' ');
    const send = (response: ServerResponse): void => {
      // A turn of its own for each: since Node 26 what is written waits for the end of this one.
      if (!response.destroyed) response.write(chunk, () => setImmediate(send, response));
    };
    const url = await stranger((_, response) => send(response));
    expect(await fault(url, 'stats')).toContain('not understood');
  });

  it('says that a purge was one too many, and did nothing', async () => {
    const { head, content } = problemResponse(
      new EtagereError('PURGES_FULL', '64 go over the shelf already (--max-purges); nothing was purged, ask again'),
      'etagere',
    );
    const url = await stranger((_, response) => response.writeHead(head.status).end(content));
    expect(await fault(url, 'purge', '--all')).toBe(
      `etagere: --admin: ${url} answered 503 PURGES_FULL: 64 go over the shelf already (--max-purges); nothing was purged, ask again; docs/errors.md has what its code means`,
    );
  });

  it('is a problem, and told with its code', async () => {
    const problem = { code: 'ADMIN_BUSY', detail: '16 clients read the \u001B[2Jtail' };
    const url = await stranger((_, response) => response.writeHead(503).end(JSON.stringify(problem)));
    expect(await fault(url, 'tail')).toBe(
      `etagere: --admin: ${url} answered 503 ADMIN_BUSY: 16 clients read the \\u{1b}[2Jtail; docs/errors.md has what its code means`,
    );
  });
});

describe('no answer', () => {
  it.each(['object', 'lines'] as const)('is waited for no longer than 30 s: %s', async (way) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const url = await stranger(() => void vi.advanceTimersByTime(30_000));
    const client = new AdminClient(url, {});
    const asked =
      way === 'object' ? client.object({ path: '/' }, anything) : client.lines({ path: '/' }, anything).next();
    await expect(asked).rejects.toThrow(`--admin: ${url} did not answer within 30 s; `);
  });

  it('is what an answer is that does not come to its end in that time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const url = await stranger((_, response) =>
      response.write('{', () => setImmediate(() => vi.advanceTimersByTime(30_000))),
    );
    await expect(new AdminClient(url, {}).object({ path: '/' }, anything)).rejects.toThrow(
      'did not answer within 30 s',
    );
  });

  it('ends no stream whose head has come', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const streams: ServerResponse[] = [];
    const url = await stranger((_, response) => {
      streams.push(response);
      response.write('{"first":1}\n');
    });
    const lines = new AdminClient(url, {}).lines({ path: '/' }, anything);
    expect((await lines.next()).value).toEqual({ first: 1 });
    vi.advanceTimersByTime(60_000);
    streams[0]?.end('{"second":2}\n');
    expect((await lines.next()).value).toEqual({ second: 2 });
  });

  it('leaves a single table to the signal that ends the process, and a table each second to us', async () => {
    const terminal = new DeskTerminal();
    const { stop } = terminal;
    const url = await stranger(answering(figures));
    await desk(terminal, 'top', '--once', '--admin', url);
    expect(terminal.stop).toBe(stop);
    terminal.onWritten(() => terminal.stop());
    await desk(terminal, 'top', '--admin', url);
    expect(terminal.stop).not.toBe(stop);
  });
});

describe.runIf(platform() === 'linux')('a stream of lines', () => {
  it('has the system ask whether its other end is still there', async () => {
    const url = await stranger((_, response) => void response.write('{"first":1}\n'));
    const end = new AbortController();
    const lines = new AdminClient(url, {}).lines({ path: '/', signal: end.signal }, anything);
    await lines.next();
    expect(keepAliveTimers(Number(new URL(url).port), 'to')).toEqual([true]);
    const aborted = once(end.signal, 'abort');
    end.abort();
    await aborted;
    expect((await lines.next()).done).toBe(true);
  });
});
