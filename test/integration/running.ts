import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as ask,
  type RequestListener,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEtagere, type Etagere, type EtagereOptions } from '../../src/index.ts';

/** What is over at the end of a test, the last first. */
const closing: (() => unknown)[] = [];

/** Ends all that a test has begun. */
export async function endAll(): Promise<void> {
  for (const close of closing.splice(0).toReversed()) await close();
}

/** Something else to be done at the end of the test. */
export function atEnd(close: () => unknown): void {
  closing.push(close);
}

export interface Origin {
  readonly url: string;
  /** Targets in the order in which they were asked for. */
  readonly asked: string[];
}

export async function originOf(answer: RequestListener): Promise<Origin> {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly cacheStatus: string;
}

/** Asks as everybody does who knows the site by its name: the port of the test is in no key. */
async function responseTo(url: string, headers: Readonly<Record<string, string>> = {}): Promise<IncomingMessage> {
  const request = ask(url, { headers: { host: 'shop.test', ...headers }, agent: false });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

async function get(url: string, headers?: Readonly<Record<string, string>>): Promise<Answer> {
  const response = await responseTo(url, headers);
  let text = '';
  for await (const piece of response.setEncoding('latin1')) text += piece;
  return {
    status: response.statusCode,
    headers: response.headers,
    text,
    cacheStatus: String(response.headers['cache-status']),
  };
}

/** What is too long to be kept as a text. */
async function digestOf(url: string): Promise<Digested> {
  const response = await responseTo(url);
  const sum = createHash('sha256');
  for await (const piece of response) sum.update(piece as Buffer);
  return { digest: sum.digest('hex'), cacheStatus: String(response.headers['cache-status']) };
}

interface Digested {
  /** SHA-256 of the content, in hexadecimal. */
  readonly digest: string;
  readonly cacheStatus: string;
}

export interface Running {
  readonly etagere: Etagere;
  readonly admin: string;
  readonly get: (target: string, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
  readonly digest: (target: string) => Promise<Digested>;
  /** The response when its head is here: its content waits for whoever reads it. */
  readonly open: (target: string) => Promise<IncomingMessage>;
  readonly purge: (what: object) => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

/** An Etagere with an admin API before that origin. */
export async function started(origin: Origin, options: Partial<EtagereOptions>): Promise<Running> {
  const etagere = createEtagere({
    origin: origin.url,
    listen: 0,
    admin: 0,
    ...options,
  });
  closing.push(() => etagere.close());
  const url = await etagere.listen();
  const admin = await etagere.listenAdmin();
  const post = { method: 'POST', headers: { 'content-type': 'application/json' } };
  return {
    etagere,
    admin,
    get: (target, headers) => get(url + target, headers),
    digest: (target) => digestOf(url + target),
    open: (target) => responseTo(url + target),
    purge: async (what) => (await fetch(`${admin}/v1/purge`, { ...post, body: JSON.stringify(what) })).json(),
    stop: () => etagere.close(),
  };
}
