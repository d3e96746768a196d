import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createEtagere, type Etagere, type PurgeOrder, UsageError } from '../../src/index.ts';
import { freePort } from '../free-port.ts';

describe('createEtagere', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.toReversed()) await close();
    closing.length = 0;
  });

  async function serve(
    listener: RequestListener,
    prepare: (server: Server) => unknown = () => undefined,
  ): Promise<string> {
    const server = createServer(listener);
    prepare(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => {
      server.closeAllConnections();
      server.close();
      return once(server, 'close');
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Closes it when the test is over. */
  function closed(etagere: Etagere): Etagere {
    closing.push(() => etagere.close());
    return etagere;
  }

  it('warns of what is most likely not meant', async () => {
    const warned = once(process, 'warning');
    closed(createEtagere({ origin: 'http://127.0.0.1:1', ttl: { lifetime: '5m', force: true } }));
    const [warning] = (await warned) as [Error];
    expect(warning.name).toBe('EtagereWarning');
    expect(warning.message).toContain('forces its ttl');
  });

  it('is a request listener for a server of node:http', async () => {
    let asked = 0;
    const origin = await serve((request, response) => {
      asked += 1;
      response.setHeader('cache-control', 'max-age=60').end(`answer ${asked} to ${request.url}`);
    });
    const etagere = createEtagere({ origin, memory: '1mb' });
    closing.push(() => etagere.close());
    const url = await serve(etagere);
    expect(await (await fetch(`${url}/a?b`)).text()).toBe('answer 1 to /a?b');
    expect(await (await fetch(`${url}/a?b`)).text()).toBe('answer 1 to /a?b');
    expect(asked).toBe(1);
  });

  it.each([true, false])('has the client told once to send its content (checkContinue is ours: %s)', async (ours) => {
    const origin = await serve((request, response) => {
      request.resume().on('end', () => response.end('read'));
    });
    const etagere = closed(createEtagere({ origin }));
    const url = new URL(await serve(etagere, (server) => ours && server.on('checkContinue', etagere)));
    const socket = connect(Number(url.port), url.hostname);
    closing.push(async () => socket.destroy());
    let received = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      if (received === '') socket.write('hello');
      received += text;
    });
    socket.write(
      'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\n',
    );
    await once(socket, 'close');
    expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 100', 'HTTP/1.1 200']);
  });

  it('listens by itself, where the options say', async () => {
    const origin = await serve((_, response) => response.end('from the origin'));
    const etagere = createEtagere({ origin, listen: 0 });
    const url = await etagere.listen();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
    expect(await (await fetch(url)).text()).toBe('from the origin');
    await etagere.close();
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  it('listens at all of its addresses, or at none', async () => {
    const origin = await serve((_, response) => response.end('from the origin'));
    const both = closed(createEtagere({ origin, listen: [0, '[::1]:0'] }));
    expect(await both.listen()).toMatch(/^http:\/\/127\.0\.0\.1:/);
    const free = await freePort();
    const neither = closed(createEtagere({ origin, listen: [free, new URL(origin).host] }));
    await expect(neither.listen()).rejects.toThrow('EADDRINUSE');
    await expect(fetch(`http://127.0.0.1:${free}`)).rejects.toThrow('fetch failed');
  });

  it('routes requests as a program says', async () => {
    const [api, pages] = [
      await serve((_, response) => response.end('api')),
      await serve((_, response) => response.end('pages')),
    ];
    const etagere = closed(
      createEtagere({ origin: pages, listen: 0, routes: [{ match: { path: '/api/*' }, origin: api }] }),
    );
    const url = await etagere.listen();
    expect(await (await fetch(`${url}/api/a`)).text()).toBe('api');
    expect(await (await fetch(`${url}/a`)).text()).toBe('pages');
  });

  it('does not send the client to itself: a loop is refused', async () => {
    let itself = '';
    const origin = await serve((request, response) => {
      // An origin that hands everything to the cache before it, as a wrong configuration would.
      void fetch(itself + request.url, { headers: { via: String(request.headers.via) } }).then((answer) => {
        response.writeHead(answer.status).end();
      });
    });
    const etagere = createEtagere({ origin, listen: 0 });
    closing.push(() => etagere.close());
    itself = await etagere.listen();
    expect((await fetch(`${itself}/a`)).status).toBe(508);
  });

  it.each([
    ['url', { url: 'http://shop.test/a' }, ['/a']],
    ['tag', { tag: 'news' }, ['/a', '/b']],
    ['prefix', { prefix: 'HTTP://Shop.test:80/b' }, ['/b']],
    ['host', { host: 'shop.test' }, ['/a', '/b', '/c']],
    ['nothing else than all', { all: true }, ['/a', '/b', '/c']],
  ] as const)('purges by %s what a program says', async (_, order, gone) => {
    const asked: string[] = [];
    const origin = await serve((request, response) => {
      asked.push(request.url ?? '');
      const tag = request.url === '/c' ? 'other' : 'news';
      response.writeHead(200, { 'cache-control': 'max-age=600', 'cache-tag': tag }).end('kept');
    });
    const etagere = closed(createEtagere({ origin, listen: 0 }));
    const { port } = new URL(await etagere.listen());
    const askAll = async (): Promise<readonly string[]> => {
      asked.length = 0;
      for (const path of ['/a', '/b', '/c']) {
        const [response] = (await once(get({ port, path, headers: { host: 'shop.test' } }), 'response')) as [
          IncomingMessage,
        ];
        await once(response.resume(), 'end');
      }
      return [...asked];
    };
    await askAll();
    const receipt = await etagere.purge({ ...order, mode: 'hard' });
    expect(receipt).toMatchObject({ matched: gone.length, removed: gone.length, stale: 0 });
    expect(await askAll()).toEqual(gone);
    // Soft, unless said.
    expect(await etagere.purge(order)).toMatchObject({ matched: gone.length, removed: 0, stale: gone.length });
  });

  it.each([
    [{}, 'purge: exactly one of url, entry, prefix, host, tag, all must be there'],
    [{ url: 'http://a.test/', tag: 'a' }, 'purge: exactly one of url, entry, prefix, host, tag, all must be there'],
    [{ url: '/a' }, 'purge: url must be like http://localhost:8080/a'],
    [{ tags: 'a' }, 'purge: tags is not known; did you mean tag?'],
    [{ all: true, mode: 'harder' }, 'purge: mode must be one of soft, hard; did you mean hard?'],
    [{ host: 'a b' }, 'purge: host must be a name or an address'],
    [undefined, 'purge: the value must be an object'],
  ])('purges nothing by %j, and says what it would', async (order, complaint) => {
    const etagere = closed(createEtagere({ origin: 'http://127.0.0.1:1' }));
    const refused = etagere.purge(order as PurgeOrder);
    await expect(refused).rejects.toThrow(complaint);
    await expect(refused).rejects.toBeInstanceOf(UsageError);
    await expect(refused).rejects.toThrow("; write purge({ url: 'http://shop.example/a' })");
  });

  it('purges nothing once it is closed', async () => {
    const etagere = createEtagere({ origin: 'http://localhost' });
    await etagere.close();
    await expect(etagere.purge({ all: true })).rejects.toThrow('purge: this cache has been closed; make a new one');
  });

  it('does not listen again once it is closed', async () => {
    const etagere = createEtagere({ origin: 'http://localhost', listen: 0 });
    await etagere.close();
    await expect(etagere.listen()).rejects.toThrow('listen: this cache has been closed; make a new one');
    await expect(etagere.listen()).rejects.toBeInstanceOf(UsageError);
  });

  it('listens once', async () => {
    const etagere = createEtagere({ origin: 'http://localhost', listen: 0 });
    closing.push(() => etagere.close());
    await etagere.listen();
    await expect(etagere.listen()).rejects.toThrow('listen: this cache listens already; make another one');
    await expect(etagere.listen()).rejects.toBeInstanceOf(UsageError);
  });

  it('may listen after it could not', async () => {
    const taken = await serve((_, response) => response.end());
    const etagere = createEtagere({ origin: 'http://localhost', listen: new URL(taken).host });
    closing.push(() => etagere.close());
    await expect(etagere.listen()).rejects.toThrow('EADDRINUSE');
    await expect(etagere.listen()).rejects.toThrow('EADDRINUSE');
  });

  it('may be closed twice', async () => {
    const etagere = createEtagere({ origin: 'http://localhost' });
    await expect(Promise.all([etagere.close(), etagere.close()])).resolves.toHaveLength(2);
  });

  it('answers 503 when a server that is not its own asks it after it was closed', async () => {
    const etagere = createEtagere({ origin: await serve((_, response) => response.end('from the origin')) });
    const url = await serve(etagere);
    await etagere.close();
    const response = await fetch(url);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: 'CLOSING' });
  });

  it('breaks off what a server that is not its own still waits for, when its time has passed', async () => {
    let begun: (() => void) | undefined;
    const asked = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const etagere = createEtagere({ origin: await serve(() => begun?.()), limits: { drainTimeoutMs: 1 } });
    const url = await serve(etagere);
    const answer = fetch(url);
    await asked;
    await etagere.close();
    expect((await answer).status).toBe(503);
  });

  it('asks the origin for the target that it has encoded, and stores the response under that', async () => {
    const targets: (string | undefined)[] = [];
    const origin = await serve((request, response) => {
      targets.push(request.url);
      response.setHeader('cache-control', 'max-age=60').end();
    });
    const url = new URL(await serve(closed(createEtagere({ origin, encodeTarget: true }))));
    const statuses: (number | undefined)[] = [];
    for (const path of ['/a|b?q={"x":"^"}', '/a%7Cb?q=%7B%22x%22:%22%5E%22%7D']) {
      const { statusCode } = await new Promise<IncomingMessage>((resolve, reject) => {
        get({ host: url.hostname, port: url.port, path }, (response) => resolve(response.resume())).on('error', reject);
      });
      statuses.push(statusCode);
    }
    expect(statuses).toEqual([200, 200]);
    expect(targets).toEqual(['/a%7Cb?q=%7B%22x%22:%22%5E%22%7D']);
  });

  it('throws a UsageError for a wrong option', () => {
    expect(() => createEtagere({ origin: 'localhost:3000' })).toThrow(UsageError);
    expect(() => createEtagere({ origin: 'http://localhost', memory: 'x' })).toThrow('memory: "x" is not a size');
  });

  it('listens for operators where it was told to, once, and not after its end', async () => {
    const etagere = closed(createEtagere({ origin: 'http://origin.test', admin: 0 }));
    const url = await etagere.listenAdmin();
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ alive: true });
    await expect(etagere.listenAdmin()).rejects.toThrow('listenAdmin: this cache listens already');
    await etagere.close();
    await expect(fetch(url)).rejects.toThrow('fetch failed');
    await expect(etagere.listenAdmin()).rejects.toThrow('listenAdmin: this cache has been closed');
  });

  it('listens for nobody but clients unless told to', async () => {
    const etagere = closed(createEtagere({ origin: 'http://origin.test' }));
    await expect(etagere.listenAdmin()).rejects.toThrow(
      'listenAdmin: no address was given; write createEtagere({ admin:',
    );
  });
});
