import { describe, expect, it } from 'vitest';
import { faultOf } from '../../../src/admin/schema.ts';
import { endpoints } from '../../../src/admin/endpoints.ts';
import { maxListings } from '../../../src/admin/limits.ts';
import { schemas } from '../../../src/admin/vocabulary.ts';
import { EtagereError } from '../../../src/errors.ts';
import { fieldValue } from '../../../src/http/fields.ts';
import { FakeParts, anEntry, aTailRecord } from './fake-parts.ts';
import { type Answer, ask, posted, respond, startAdmin } from './stage.ts';

/** Each operation once, as somebody would ask for it; /v1/tail is a stream and asked below. */
const asked: Readonly<Record<string, { readonly query?: string; readonly body?: object }>> = {
  'GET /healthz': {},
  'GET /readyz': {},
  'GET /v1/config': {},
  'POST /v1/reload': { body: {} },
  'GET /openapi.json': {},
  'GET /v1/stats': {},
  'GET /v1/top': { query: '?by=bytes&limit=2' },
  'GET /metrics': {},
  'GET /v1/entries': { query: '?match=*/a' },
  'GET /v1/explain': { query: '?url=http://example.com/a' },
  'POST /v1/purge': { body: { tag: 'news' } },
  'POST /v1/purge/preview': { body: { all: true } },
};

describe('every operation', () => {
  it('is among those that are asked here', () => {
    const operations = endpoints
      .map(({ method, path }) => `${method} ${path}`)
      .filter((name) => name !== 'GET /v1/tail');
    expect(Object.keys(asked).toSorted()).toEqual(operations.toSorted());
  });

  it.each(Object.entries(asked))('answers what the description says: %s', async (operation, { query = '', body }) => {
    const { port } = await startAdmin();
    const [method, path] = operation.split(' ');
    const { answer } = endpoints.find((each) => each.method === method && each.path === path) ?? {};
    const got = await ask(port, `${path}${query}`, body === undefined ? {} : posted(body));
    expect(got.status).toBe(200);
    expect(got.headers['content-type']).toBe(answer?.contentType);
    expect(got.headers['cache-control']).toBe('no-store');
    const value: unknown = answer?.contentType === 'application/json' ? got.json : got.content;
    expect(faultOf(value, answer?.schema ?? {}, schemas)).toBeUndefined();
  });

  it.each(endpoints.filter(({ access }) => access === 'guarded').map(({ method, path }) => `${method} ${path}`))(
    'wants the token where there is one: %s',
    async (operation) => {
      const { port } = await startAdmin(new FakeParts(), 'correct-horse-battery');
      const [method = '', path = ''] = operation.split(' ');
      const got = await ask(port, path, { method });
      expect(got.json['code']).toBe('ADMIN_TOKEN_REQUIRED');
      expect(got.headers['www-authenticate']).toBe('Bearer realm="etagere admin"');
    },
  );

  it.each(Object.keys(asked).filter((operation) => !/healthz|readyz|openapi/.test(operation)))(
    'says so where this process can not do it: %s',
    async (operation) => {
      const { clock, limits, readiness } = new FakeParts();
      const { port, faults } = await startAdmin({ clock, limits, readiness });
      const [, path = ''] = operation.split(' ');
      const { query = '', body } = asked[operation] ?? {};
      const got = await ask(port, `${path}${query}`, body === undefined ? {} : posted(body));
      expect(got).toMatchObject({ status: 501, json: { code: 'ADMIN_UNAVAILABLE' } });
      expect(faultOf(got.json, schemas['Problem'] ?? {}, schemas)).toBeUndefined();
      expect(faults).toEqual([]);
    },
  );
});

async function askReadiness(change: Partial<FakeParts>): Promise<Answer> {
  const { port } = await startAdmin(Object.assign(new FakeParts(), change));
  return ask(port, '/readyz');
}

describe('/readyz', () => {
  it('welcomes requests while one origin is not known to be down', async () => {
    expect(await askReadiness({})).toMatchObject({ status: 200, json: { ready: true } });
  });

  it('welcomes them without the shelf beneath memory, and says so', async () => {
    expect(await askReadiness({ storeUp: true })).toMatchObject({ status: 200, json: { ready: true } });
    const degraded = await askReadiness({ storeUp: false });
    expect(degraded).toMatchObject({ status: 200, json: { ready: true, degraded: ['store'] } });
    expect(faultOf(degraded.json, schemas['Readiness'] ?? {}, schemas)).toBeUndefined();
  });

  it.each<[Partial<FakeParts>, string]>([
    [{ draining: true }, 'Etagere is being shut down'],
    [{ origins: [{ name: 'a', down: true }] }, 'every origin is known to be down'],
  ])('says why it does not: %j', async (change, detail) => {
    expect(await askReadiness(change)).toMatchObject({ status: 503, json: { code: 'NOT_READY', detail } });
  });
});

describe('/v1/purge', () => {
  it.each([
    [{ url: 'HTTP://Example.com:80' }, { kind: 'url', url: 'http://example.com/' }, 'soft'],
    [{ entry: 'e1', mode: 'hard' }, { kind: 'entry', id: 'e1' }, 'hard'],
    [{ prefix: 'http://example.com' }, { kind: 'prefix', prefix: 'http://example.com/' }, 'soft'],
    [{ host: 'Example.com:8080', mode: 'soft' }, { kind: 'host', host: 'example.com:8080' }, 'soft'],
    [{ tag: 'a b' }, { kind: 'tag', tag: 'a b' }, 'soft'],
    [{ all: true, mode: 'hard' }, { kind: 'all' }, 'hard'],
  ])('of %j purges %j, %s', async (body, selection, mode) => {
    const parts = new FakeParts();
    const { port } = await startAdmin(parts);
    expect((await ask(port, '/v1/purge', posted(body))).json).toMatchObject({ matched: 2, fillsDoomed: 1 });
    expect(parts.operations.purges).toEqual([{ selection, mode }]);
  });

  it.each([
    [{}, 'exactly one of url, entry, prefix, host, tag, all must be there, not 0'],
    [{ url: 'http://a/', tag: 'b' }, 'exactly one of url, entry, prefix, host, tag, all must be there, not 2'],
    [{ url: '/a' }, 'url must be like http://localhost:8080/a'],
    [{ prefix: 'a.test/b' }, 'prefix must be like http://localhost:8080/a'],
    [{ url: 'http://a/#b' }, 'url has a fragment'],
    [{ all: false }, 'all must be true'],
    [{ tag: 'a', mode: 'sft' }, 'mode must be one of soft, hard; did you mean soft?'],
    [{ tags: 'a' }, 'tags is not known; did you mean tag?'],
    [[], 'the value must be an object'],
    ['{"tag":', 'the content is not JSON'],
    ['', 'there is no content'],
  ])('refuses %j and does nothing', async (body, detail) => {
    const parts = new FakeParts();
    const { port } = await startAdmin(parts);
    const got = await ask(port, '/v1/purge', posted(body));
    expect(got).toMatchObject({ status: 400, json: { code: 'ADMIN_REQUEST_INVALID' } });
    expect(got.json['detail']).toContain(detail);
    expect(parts.operations.purges).toEqual([]);
  });

  it('says that an entry is not there which it was to purge, and of anything else that nothing matched', async () => {
    const parts = new FakeParts();
    parts.operations.matched = 0;
    const { port } = await startAdmin(parts);
    const got = await ask(port, '/v1/purge', posted({ entry: '2-3' }));
    expect(got).toMatchObject({ status: 404, json: { code: 'ADMIN_ENTRY_UNKNOWN' } });
    expect(await ask(port, '/v1/purge', posted({ tag: 'a' }))).toMatchObject({ status: 200, json: { matched: 0 } });
  });

  it('shows beforehand what it would match', async () => {
    const parts = new FakeParts();
    const { port } = await startAdmin(parts);
    expect((await ask(port, '/v1/purge/preview', posted({ tag: 'a' }))).json).toEqual({
      matched: 1,
      sample: [anEntry.url],
    });
    expect((await ask(port, '/v1/purge/preview', posted({ tag: 'a', mode: 'hard' }))).status).toBe(400);
    expect(parts.operations.previews).toEqual([{ kind: 'tag', tag: 'a' }]);
    expect(parts.operations.purges).toEqual([]);
  });
});

describe('/v1/entries and /v1/top', () => {
  it('hand on what was asked for, with what is so unless said', async () => {
    const parts = new FakeParts();
    const { port } = await startAdmin(parts);
    await ask(port, '/v1/entries');
    await ask(port, '/v1/entries?match=*.css&tag=a&cursor=30&limit=2');
    await ask(port, '/v1/top');
    expect(parts.operations.queries).toEqual([{ limit: 50 }, { match: '*.css', tag: 'a', cursor: '30', limit: 2 }]);
    expect(parts.statistics.tops).toEqual([{ by: 'requests', limit: 20 }]);
  });

  it.each(['next', '', '-1', '1-2', '12345678901'])('refuse %j, which no page gave as its cursor', async (cursor) => {
    const parts = new FakeParts();
    const { port } = await startAdmin(parts);
    const got = await ask(port, `/v1/entries?cursor=${cursor}`);
    expect(got).toMatchObject({ status: 400, json: { code: 'ADMIN_REQUEST_INVALID' } });
    expect(parts.operations.queries).toEqual([]);
  });

  it('look for a bounded number of pages at once, and for others when those could be had or not', async () => {
    const parts = new FakeParts();
    const waiting: ((error: Error) => void)[] = [];
    const allBegun = new Promise<void>((resolve) => {
      parts.operations.entries = () =>
        new Promise((_, reject) => {
          if (waiting.push(reject) === maxListings) resolve();
        });
    });
    const { port } = await startAdmin(parts);
    const pages = Array.from({ length: maxListings }, () => ask(port, '/v1/entries'));
    await allBegun;
    const refused = await ask(port, '/v1/entries?match=a');
    expect(refused).toMatchObject({ status: 503, json: { code: 'ADMIN_BUSY' }, headers: { 'retry-after': '1' } });
    for (const fail of waiting) fail(new EtagereError('ADMIN_UNAVAILABLE', 'no shelf'));
    expect((await Promise.all(pages)).map(({ status }) => status)).toEqual(pages.map(() => 501));
    parts.operations.entries = () => Promise.resolve({ entries: [] });
    expect((await ask(port, '/v1/entries')).status).toBe(200);
  });

  it('hand out no more at once than there is room for', async () => {
    const { port } = await startAdmin();
    expect((await ask(port, '/v1/entries?limit=201')).json['detail']).toBe('limit must be 200 or less');
    expect((await ask(port, '/v1/top?limit=201')).json['detail']).toBe('limit must be 200 or less');
  });
});

describe('/v1/explain', () => {
  it('explains the request that the listener would have let in', async () => {
    const parts = new FakeParts();
    const { port } = await startAdmin(parts);
    const query = new URLSearchParams([
      ['url', 'http://Example.com:80/a?b'],
      ['header', 'Accept: text/html'],
      ['header', 'Cookie: a=b'],
    ]);
    expect((await ask(port, `/v1/explain?${query.toString()}`)).json).toMatchObject({
      url: 'http://example.com/a?b',
      hit: false,
    });
    const [request] = parts.explained;
    expect(request).toMatchObject({ method: 'GET', scheme: 'http', authority: 'example.com', target: '/a?b' });
    expect(fieldValue(request?.fields ?? ([] as never), 'cookie')).toBe('a=b');
  });

  it('asks for the Host that is given, as a client can that connects to one name and asks for another', async () => {
    const parts = new FakeParts();
    const { port } = await startAdmin(parts);
    await ask(port, '/v1/explain?url=http://127.0.0.1:8080/a&header=Host:%20shop.example');
    expect(parts.explained).toMatchObject([{ authority: 'shop.example', target: '/a' }]);
  });

  it.each([
    ['', 'url is missing: ?url=…'],
    ['?url=/a', 'url must be a whole URL, like http://localhost:8080/'],
    ['?url=http://a/&header=Accept', 'header "Accept" must be like Accept: text/html'],
    ['?url=http://a/&header=X_Y%0A:%20b', 'such a request would be refused: REQUEST_FIELD_INVALID'],
    ['?url=http://a/&method=POST', 'method must be one of GET, HEAD'],
  ])('refuses %j', async (query, detail) => {
    const { port } = await startAdmin();
    const got = await ask(port, `/v1/explain${query}`);
    expect(got).toMatchObject({ status: 400, json: { code: 'ADMIN_REQUEST_INVALID' } });
    expect(got.json['detail']).toContain(detail);
  });
});

describe('/v1/reload', () => {
  it('says what to look at in a configuration that is in force', async () => {
    const { port } = await startAdmin();
    expect((await ask(port, '/v1/reload', posted({}))).json).toEqual({
      reloaded: true,
      changed: ['routes'],
      warnings: ['ttl.force counts against private'],
    });
  });

  it('says what is wrong with one that is refused', async () => {
    const refused = { kind: 'refused', problem: 'etagere.yaml:3:5: no such key' } as const;
    const { port } = await startAdmin(Object.assign(new FakeParts(), { outcome: refused }));
    expect(await ask(port, '/v1/reload', posted({}))).toMatchObject({
      status: 422,
      json: { code: 'CONFIGURATION_REFUSED', detail: refused.problem },
    });
  });

  it('needs no content, and takes none that would say something', async () => {
    const { port } = await startAdmin();
    expect((await ask(port, '/v1/reload', posted(''))).status).toBe(200);
    expect(await ask(port, '/v1/reload', posted({ file: '/etc/other.yaml' }))).toMatchObject({
      status: 400,
      json: { code: 'ADMIN_REQUEST_INVALID' },
    });
  });
});

describe('/v1/tail', () => {
  it('sends the records that pass the filters, and counts what was lost before them', async () => {
    const { statistics } = new FakeParts();
    const { port, desk } = await startAdmin(Object.assign(new FakeParts(), { statistics }));
    const response = await respond(port, '/v1/tail?filter=detail%3Dset-cookie&filter=status<500');
    expect(response.headers['content-type']).toBe('application/x-ndjson');
    await statistics.tell({ ...aTailRecord, detail: 'private', lost: 2 });
    await statistics.tell({ ...aTailRecord, lost: 1 });
    await statistics.tell(aTailRecord);
    desk.close();
    const text = (await response.setEncoding('utf8').toArray()).join('');
    const records = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(records).toEqual([{ ...aTailRecord, lost: 3 }, aTailRecord]);
    for (const record of records) expect(faultOf(record, schemas['TailRecord'] ?? {}, schemas)).toBeUndefined();
    expect(statistics.listeners.size).toBe(0);
  });

  it('refuses a route that is not configured', async () => {
    const { port } = await startAdmin();
    expect(await ask(port, '/v1/tail?filter=route%3Dshpo')).toMatchObject({
      status: 400,
      json: { detail: 'filter "route=shpo" asks for a route that there is not; did you mean shop?' },
    });
  });

  it('has a bounded number of listeners, and none after the end', async () => {
    const parts = new FakeParts();
    const { port, desk } = await startAdmin(parts);
    const open = await Promise.all(Array.from({ length: 16 }, () => respond(port, '/v1/tail')));
    expect(await ask(port, '/v1/tail')).toMatchObject({ status: 503, json: { code: 'ADMIN_BUSY' } });
    desk.close();
    for (const response of open) response.resume();
    expect(await ask(port, '/v1/tail')).toMatchObject({ status: 503, json: { code: 'NOT_READY' } });
    expect(parts.statistics.listeners.size).toBe(0);
  });

  it('listens to nothing for HEAD', async () => {
    const parts = new FakeParts();
    const { port } = await startAdmin(parts);
    expect(await ask(port, '/v1/tail', { method: 'HEAD' })).toMatchObject({ status: 200, content: '' });
    expect(parts.statistics.listeners.size).toBe(0);
  });
});

describe('what goes wrong inside', () => {
  it('is told to us, and nothing of it to the client', async () => {
    const fault = new Error('a secret of the inside');
    const { port, faults } = await startAdmin(Object.assign(new FakeParts(), { metrics: () => Promise.reject(fault) }));
    const got = await ask(port, '/metrics');
    expect(got).toMatchObject({ status: 500, json: { code: 'INTERNAL' } });
    expect(got.content).not.toContain('secret');
    expect(faults).toEqual([fault]);
  });

  it('is told to the client where it is for him', async () => {
    const fault = new EtagereError('ADMIN_BUSY', 'later');
    const { port, faults } = await startAdmin(Object.assign(new FakeParts(), { metrics: () => Promise.reject(fault) }));
    const got = await ask(port, '/metrics');
    expect(got).toMatchObject({ status: 503, json: { code: 'ADMIN_BUSY', detail: 'later' } });
    expect(got.headers['retry-after']).toBe('1');
    expect(faults).toEqual([]);
  });
});
