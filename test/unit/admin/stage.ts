import { once } from 'node:events';
import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach } from 'vitest';
import { createAdmin } from '../../../src/admin/admin.ts';
import type { AdminDesk } from '../../../src/admin/desk.ts';
import type { AdminParts } from '../../../src/admin/parts.ts';
import { createNodeHttpListener, type NodeHttpListener } from '../../../src/listener/node-http.ts';
import { noLog } from '../../../src/observe/access-log.ts';
import { FakeParts } from './fake-parts.ts';

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** An admin API that is listened to. */
export interface Listening {
  readonly desk: AdminDesk;
  readonly listener: NodeHttpListener;
  readonly port: number;
  readonly faults: unknown[];
  readonly warnings: string[];
}

/** Listens on a free port of this machine until the test is over. */
export async function startAdmin(parts: AdminParts = new FakeParts(), token?: string): Promise<Listening> {
  const faults: unknown[] = [];
  const warnings: string[] = [];
  const { desk, listening } = createAdmin(parts, {
    token: () => token,
    cacheName: 'etagere',
    onFault: (error) => faults.push(error),
    onWarning: (warning) => warnings.push(warning),
  });
  const listener = createNodeHttpListener(desk, { ...listening, cacheName: 'etagere', events: noLog });
  const { port } = await listener.listen({ host: '127.0.0.1', port: 0 });
  closers.push(() => {
    desk.close();
    return listener.close();
  });
  return { desk, listener, port, faults, warnings };
}

export interface Asked {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

/** The response to one request, as soon as its head is there. */
export async function respond(port: number, path: string, asked: Asked = {}): Promise<IncomingMessage> {
  const { method = 'GET', headers = {}, body } = asked;
  const sent = request({ host: '127.0.0.1', port, path, method, headers: { connection: 'close', ...headers } });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

/** An answer as a whole. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly content: string;
  /** The content, where it is JSON. */
  readonly json: Readonly<Record<string, unknown>>;
}

export async function ask(port: number, path: string, asked: Asked = {}): Promise<Answer> {
  const response = await respond(port, path, asked);
  const content = await text(response);
  const isJson = response.headers['content-type']?.endsWith('json') === true && content !== '';
  const json = isJson ? (JSON.parse(content) as Answer['json']) : {};
  return { status: response.statusCode ?? 0, headers: response.headers, content, json };
}

/** What a client sends to have something done. */
export function posted(body: object | string, headers: OutgoingHttpHeaders = {}): Asked {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}
