import type { IncomingMessage, ServerResponse } from 'node:http';
import { startServer, type TestServer } from '../real/program.ts';

/** Text that would do harm if any of it became markup. */
export const markup = '<img src=x onerror=alert(1)>';

/** An origin with a path for each thing that the page has to show. */
export async function startOrigin(): Promise<TestServer> {
  return startServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    const answer = answers[path.split('/')[1] ?? ''] ?? fresh;
    answer(request, response);
  });
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const fresh: Answer = (request, response) => {
  const path = request.url ?? '';
  response.writeHead(200, { 'cache-control': 'max-age=3600', etag: '"v1"', 'cache-tag': 'page' });
  response.end('x'.repeat(500 + 40 * path.length));
};

const answers: Readonly<Record<string, Answer>> = {
  login: (_, response) => {
    response.writeHead(200, { 'cache-control': 'max-age=60', 'set-cookie': 'session=1' }).end('Welcome');
  },
  account: (_, response) => {
    response.writeHead(200, { 'cache-control': 'private' }).end('Yours');
  },
  greeting: (_, response) => {
    response.writeHead(200, { 'cache-control': 'max-age=3600', vary: 'accept-language', 'cache-tag': 'news' });
    response.end('Good day');
  },
  basket: (_, response) => {
    response.writeHead(200, { 'cache-control': 'public, max-age=3600', vary: 'cookie' }).end('Empty');
  },
  price: (request, response) => {
    const fields = { 'cache-control': 'max-age=1', etag: '"p1"' };
    if (request.headers['if-none-match'] === '"p1"') response.writeHead(304, fields).end();
    else response.writeHead(200, fields).end('12.50');
  },
  broken: (_, response) => {
    response.writeHead(503).end('Sorry');
  },
  markup: (_, response) => {
    const fields = { etag: '"<b>v1"', 'x-note': markup, 'surrogate-key': '<script>alert(2)</script>' };
    response.writeHead(200, { 'cache-control': 'max-age=3600', vary: 'x-kind', ...fields }).end(markup);
  },
};
