import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StatisticsSnapshot } from '../../src/observe/statistics.ts';
import { createEtagere, type EtagereOptions } from '../../src/index.ts';
import { atEnd, endAll, type Origin, originOf, type Running, started } from './running.ts';

let directory = '';

beforeEach(async () => {
  const parent = await mkdtemp(join(tmpdir(), 'etagere-'));
  directory = join(parent, 'shelf');
  atEnd(() => rm(parent, { recursive: true }));
});

afterEach(endAll);

/** An Etagere with its shelf in the directory of the test. */
function onDisk(origin: Origin, options: Partial<EtagereOptions> = {}): Promise<Running> {
  return started(origin, { store: `disk:${directory}`, disk: '64mb', ...options });
}

/** The same, ended and started anew. */
async function restarted(running: Running, origin: Origin, options?: Partial<EtagereOptions>): Promise<Running> {
  await running.stop();
  return onDisk(origin, options);
}

const large = Array.from({ length: 300_000 }, (_, i) => String(i).padStart(10, '0')).join('');

describe('a shelf on a disk', () => {
  it('keeps what was stored, with its age, when Etagere is started anew', async () => {
    const origin = await originOf((_, response) => {
      response.writeHead(200, { 'cache-control': 'max-age=600', age: '100' }).end('kept');
    });
    const first = await onDisk(origin);
    expect((await first.get('/a')).text).toBe('kept');
    const second = await restarted(first, origin);
    const { text, headers, cacheStatus } = await second.get('/a');
    expect(text).toBe('kept');
    expect(cacheStatus).toContain('; hit; ttl=');
    expect(Number(headers.age)).toBeGreaterThanOrEqual(100);
    expect(Number(headers.age)).toBeLessThan(500);
    expect(origin.asked).toEqual(['/a']);
  });

  it('is forgotten by nobody who purges: what was purged is gone after the next start, too', async () => {
    const origin = await originOf((request, response) => {
      response.writeHead(200, { 'cache-control': 'max-age=600', 'cache-tag': request.url?.slice(1) }).end('kept');
    });
    const first = await onDisk(origin);
    for (const target of ['/red', '/blue', '/green']) await first.get(target);
    expect(await first.purge({ tag: 'red', mode: 'hard' })).toMatchObject({ matched: 1, removed: 1 });
    expect(await first.purge({ url: 'http://shop.test/blue', mode: 'soft' })).toMatchObject({ matched: 1, stale: 1 });
    const second = await restarted(first, origin);
    expect((await second.get('/red')).cacheStatus).toContain('fwd=uri-miss');
    expect((await second.get('/blue')).cacheStatus).toContain('fwd=stale');
    expect((await second.get('/green')).cacheStatus).toContain('; hit');
  });

  it('keeps each variant, and what the origin has confirmed', async () => {
    let confirmed = 0;
    const origin = await originOf((request, response) => {
      const fields = {
        vary: 'accept-language',
        etag: '"1"',
        'cache-control': confirmed > 0 ? 'max-age=600' : 'no-cache',
      };
      if (request.headers['if-none-match'] === undefined) {
        response.writeHead(200, fields).end(request.headers['accept-language']);
      } else {
        confirmed++;
        response.writeHead(304, { ...fields, 'cache-control': 'max-age=600', 'x-confirmed': 'yes' }).end();
      }
    });
    const first = await onDisk(origin);
    const languages = ['de', 'fr'].map((language) => ({ 'accept-language': language }));
    for (const headers of languages) await first.get('/a', headers);
    for (const headers of languages) expect((await first.get('/a', headers)).cacheStatus).toContain('fwd-status=304');
    const second = await restarted(first, origin);
    for (const headers of languages) {
      const answer = await second.get('/a', headers);
      expect(answer.text).toBe(headers['accept-language']);
      expect(answer.cacheStatus).toContain('; hit');
      expect(answer.headers['x-confirmed']).toBe('yes');
    }
  });

  it('answers from the disk what is too large for memory, whole and in parts, and tells so', async () => {
    const origin = await originOf((_, response) => {
      response.writeHead(200, { 'cache-control': 'max-age=600', 'content-length': large.length }).end(large);
    });
    const options = { memory: '2mb', disk: '64mb' };
    const first = await onDisk(origin, options);
    expect((await first.get('/large')).text === large).toBe(true);
    const again = await first.get('/large');
    expect(again.text === large).toBe(true);
    expect(again.cacheStatus).toContain('; hit');
    const second = await restarted(first, origin, options);
    const part = await second.get('/large', { range: 'bytes=1999990-2000009' });
    expect([part.status, part.text]).toEqual([206, large.slice(1_999_990, 2_000_010)]);
    expect((await second.get('/large')).text === large).toBe(true);
    const { memory, store, hits } = (await (await fetch(`${second.admin}/v1/stats`)).json()) as StatisticsSnapshot;
    expect({ memory: memory.responses, kind: store?.kind, stored: store?.responses, hits: store?.hits }).toEqual({
      memory: 0,
      kind: 'disk',
      stored: 1,
      hits,
    });
    expect(await (await fetch(`${second.admin}/metrics`)).text()).toContain(
      'etagere_store_hits_total{tier="disk"} 2\n',
    );
    expect(origin.asked).toEqual(['/large']);
  });

  it('keeps a body that is larger than memory and comes as fast as it can', { timeout: 60_000 }, async () => {
    const [pieceOf, pieces] = [(i: number) => Buffer.alloc(2 ** 20, `piece ${i}, `), 40];
    const origin = await originOf((_, response) => {
      response.writeHead(200, { 'cache-control': 'max-age=600', 'content-length': pieces * 2 ** 20 });
      Readable.from(Array.from({ length: pieces }, (__, i) => i))
        .map(pieceOf)
        .pipe(response);
    });
    const sum = createHash('sha256');
    for (let i = 0; i < pieces; i++) sum.update(pieceOf(i));
    const expected = sum.digest('hex');
    // However slow the disk of this machine is.
    const limits = { shelfStallMs: 60_000 };
    const etagere = await onDisk(origin, { memory: '16mb', disk: '1gb', limits });
    expect(await etagere.digest('/large')).toEqual({ digest: expected, cacheStatus: 'etagere; fwd=uri-miss; stored' });
    const statistics = async (): Promise<StatisticsSnapshot> =>
      (await (await fetch(`${etagere.admin}/v1/stats`)).json()) as StatisticsSnapshot;
    // A client has the last byte before the shelf has.
    while ((await statistics()).store?.responses === 0) await new Promise(setImmediate);
    const again = await etagere.digest('/large');
    expect(again.cacheStatus).toContain('; hit');
    expect(again.digest).toBe(expected);
    const { store, memory } = await statistics();
    expect([store?.failures, memory.bytesUsed < 2 ** 20, origin.asked]).toEqual([0, true, ['/large']]);
  });

  it('fills memory with what was used most before', async () => {
    const origin = await originOf((_, response) => {
      response.writeHead(200, { 'cache-control': 'max-age=600' }).end('kept');
    });
    const first = await onDisk(origin);
    for (const target of ['/a', '/b']) await first.get(target);
    const second = await restarted(first, origin);
    await expect
      .poll(
        async () => ((await (await fetch(`${second.admin}/v1/stats`)).json()) as StatisticsSnapshot).memory.responses,
      )
      .toBe(2);
  });

  it('is refused, with the way out, where somebody else uses it or anybody may write to it', async () => {
    const origin = await originOf((_, response) => response.end());
    await onDisk(origin);
    await expect(onDisk(origin)).rejects.toThrow(
      /^store: .* is the shelf of process \d+, which is running; give another/,
    );
    const open = join(directory, '..', 'open');
    await mkdir(open);
    await chmod(open, 0o777);
    await expect(onDisk(origin, { store: `disk:${open}` })).rejects.toThrow(/chmod 700/);
  });

  it('is done without, with a warning, where it can not be opened for a program that handles requests by itself', async () => {
    const origin = await originOf((_, response) => response.end('from the origin'));
    await writeFile(directory, 'a file');
    const warned = once(process, 'warning');
    const etagere = createEtagere({ origin: origin.url, store: `disk:${directory}` });
    const server = createServer(etagere).listen(0, '127.0.0.1');
    atEnd(async () => {
      server.close();
      await etagere.close();
    });
    await once(server, 'listening');
    const [warning] = (await warned) as [Error];
    expect(warning.message).toContain('is a file; give a directory');
    const { port } = server.address() as AddressInfo;
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('from the origin');
  });
});
