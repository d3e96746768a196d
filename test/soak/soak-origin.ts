import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { readRequests, type StrictMessage } from '../harness/strict-messages.ts';
import type { Book } from './book.ts';
import { bytesOf, contentOf, entityTag, languages, type Resource, resourceAt, tagOf } from './site.ts';

/** How it answers: well, not at all, with half of what it promises, or with what is no response. */
export type Mood = 'well' | 'silent' | 'truncating' | 'malformed';

/** The last is wrong in its content, so that of a HEAD it would be a good answer. */
const malformed = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nCache-Control: max-age=60\r\n\r\n5\r\nwrong\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\nCache-Control: max-age=60\r\n\r\nwrong!',
  'HTTP/1.1 200 OK\nContent-Length: 5\n\nwrong',
  'HTTP/1.1 200 OK\r\nCache-Control : max-age=60\r\nContent-Length: 5\r\n\r\nwrong',
  'HTTP/9.9 200 OK\r\nContent-Length: 5\r\n\r\nwrong',
  'no response at all, and long enough to be taken for the beginning of one\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nCache-Control: max-age=60\r\n\r\nZZ\r\nwrong\r\n0\r\n\r\n',
];

/** An origin that reads strictly, answers with content that says what it is, writes down what it has said, and fails when told to. Always at the same port. */
export class SoakOrigin {
  mood: Mood = 'well';
  requests = 0;
  readonly #book: Book;
  readonly #connections = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  constructor(book: Book) {
    this.#book = book;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Listens, for the first time or again. */
  async up(): Promise<void> {
    const server = createServer((socket) => this.#serve(socket));
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Refuses connections, and resets those that there are. */
  async down(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    const closed = new Promise((resolve) => {
      if (server === undefined) resolve(undefined);
      else server.close(resolve);
    });
    this.closeConnections();
    await closed;
  }

  closeConnections(): void {
    for (const socket of this.#connections) socket.destroy();
  }

  #serve(socket: Socket): void {
    this.#connections.add(socket);
    let received = '';
    socket.on('error', () => undefined);
    socket.on('close', () => this.#connections.delete(socket));
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      const { messages, rest, fault } = readRequests(received);
      received = rest;
      // What is broken off is no fault of it: a client may leave in the middle of a form.
      if (fault !== undefined) this.#book.faults.push(`the origin got what is no request: ${fault}`);
      for (const message of messages) this.#answer(socket, message);
    });
  }

  #answer(socket: Socket, message: StrictMessage): void {
    this.requests++;
    const [method = '', target = ''] = message.startLine.split(' ');
    if (this.mood === 'silent') return;
    if (this.mood === 'malformed') {
      const count = malformed.length - (method === 'HEAD' ? 1 : 0);
      socket.write(malformed[this.requests % count] ?? '', 'latin1');
      return;
    }
    const resource = resourceAt(target);
    if (resource === undefined) {
      this.#book.faults.push(`the origin got ${message.startLine}, which no client has sent`);
      socket.destroy();
      return;
    }
    const bytes = this.#response(method, resource, message);
    if (this.mood === 'well') {
      socket.write(bytes, 'latin1');
      return;
    }
    // Of its head, or of its content: either way the end is missing.
    socket.end(bytes.slice(0, Math.max(1, bytes.length - 1 - (this.requests % 500))), 'latin1');
  }

  #response(method: string, resource: Resource, { fields, content }: StrictMessage): string {
    const asked = new Map(fields);
    if (method === 'POST') return this.#formResponse(resource, content);
    const language = resource.hasLanguages ? (asked.get('accept-language') ?? languages[0]) : '';
    const user = resource.kind === 'private' ? (asked.get('authorization') ?? '') : '';
    const generation = this.#book.generationOf(resource, language);
    const selection = { language, user, generation };
    this.#book.said(generation);
    const tag = entityTag(selection);
    const lines = [`ETag: ${tag}`, ...controlLines(resource)];
    if (asked.get('if-none-match')?.includes(tag) === true) return response('304 Not Modified', lines, undefined);
    const whole = contentOf(resource, selection);
    if (method === 'HEAD') return response('200 OK', [...lines, `Content-Length: ${whole.length}`], undefined);
    const range = asked.get('range');
    const isWanted = range !== undefined && (asked.get('if-range') ?? tag) === tag;
    const bytes = isWanted ? bytesOf(range, whole.length) : undefined;
    if (bytes !== undefined) {
      const [first, last] = bytes;
      const part = [...lines, `Content-Range: bytes ${first}-${last}/${whole.length}`];
      return response('206 Partial Content', part, whole.slice(first, last + 1));
    }
    return resource.kind === 'stream' ? chunked(lines, whole) : response('200 OK', lines, whole);
  }

  #formResponse(resource: Resource, content: string): string {
    if (resource.kind === 'form') this.#book.formSeen(resource.target);
    else this.#book.changed(resource.target);
    const generation = this.#book.generationOf(resource, '');
    this.#book.said(generation);
    const answer = contentOf(resource, { language: '', user: content, generation });
    return response('200 OK', ['Cache-Control: no-store'], answer);
  }
}

function controlLines(resource: Resource): readonly string[] {
  const { kind, maxAge, staleIfError, target, hasLanguages } = resource;
  if (kind === 'private') return ['Cache-Control: private, max-age=60'];
  if (maxAge === 0) return ['Cache-Control: no-store'];
  const control = [`max-age=${maxAge}`, ...(staleIfError === 0 ? [] : [`stale-if-error=${staleIfError}`])];
  return [
    `Date: ${new Date().toUTCString()}`,
    `Cache-Control: ${control.join(', ')}`,
    ...(hasLanguages ? ['Vary: Accept-Language'] : []),
    ...(kind === 'hot' ? [`Cache-Tag: ${tagOf(target)}`] : []),
  ];
}

/** With content, its length is said. */
function response(status: string, lines: readonly string[], content: string | undefined): string {
  const length = content === undefined ? [] : [`Content-Length: ${content.length}`];
  return [`HTTP/1.1 ${status}`, ...lines, ...length, '', content ?? ''].join('\r\n');
}

const chunkLength = 50_000;

function chunked(lines: readonly string[], content: string): string {
  const chunks: string[] = [];
  for (let at = 0; at < content.length; at += chunkLength) {
    const chunk = content.slice(at, at + chunkLength);
    chunks.push(`${chunk.length.toString(16)}\r\n${chunk}\r\n`);
  }
  return `HTTP/1.1 200 OK\r\n${lines.join('\r\n')}\r\nTransfer-Encoding: chunked\r\n\r\n${chunks.join('')}0\r\n\r\n`;
}
