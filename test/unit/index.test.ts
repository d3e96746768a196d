import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createEtagere, UsageError } from '../../src/index.ts';

describe('createEtagere', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.toReversed()) await close();
    closing.length = 0;
  });

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => {
      server.closeAllConnections();
      server.close();
      return once(server, 'close');
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

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

  it('listens by itself, where the options say', async () => {
    const origin = await serve((_, response) => response.end('from the origin'));
    const etagere = createEtagere({ origin, listen: 0 });
    const url = await etagere.listen();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
    expect(await (await fetch(url)).text()).toBe('from the origin');
    await etagere.close();
    await expect(fetch(url)).rejects.toThrow('fetch failed');
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

  it('throws a UsageError for a wrong option', () => {
    expect(() => createEtagere({ origin: 'localhost:3000' })).toThrow(UsageError);
    expect(() => createEtagere({ origin: 'http://localhost', memory: 'x' })).toThrow('memory: "x" is not a size');
  });
});
