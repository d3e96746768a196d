import { text as textOf } from 'node:stream/consumers';
import { nearest } from '../config/nearest.ts';
import type { Exchange, RequestHandler } from '../engine/exchange.ts';
import { EtagereError } from '../errors.ts';
import { eachField, fieldValue, type Fields, hasField } from '../http/fields.ts';
import { problemResponse } from '../http/problem.ts';
import type { Doorkeeper } from './access.ts';
import type { Call, Endpoint, Reply } from './endpoint.ts';
import { endpoints } from './endpoints.ts';
import { maxTails } from './limits.ts';
import type { PageFiles } from './page-files.ts';
import { readParameters } from './parameters.ts';
import type { AdminParts } from './parts.ts';
import { LineStream, type ReplyParts, sendWhole } from './reply.ts';
import { faultOf, refTo } from './schema.ts';
import { schemas } from './vocabulary.ts';

/** Answers end with it, as they are read on terminals. */
const lineEnd = Buffer.from('\n');

/** What the desk stands on, beside the abilities. */
export interface DeskOptions {
  readonly doorkeeper: Doorkeeper;
  readonly page: PageFiles;
  /** Our name in Proxy-Status. */
  readonly cacheName: string;
  readonly stallMs: number;
  /** Is told of what should never happen: a fault of ours while a request was answered. */
  readonly onFault: (error: unknown) => void;
}

/** Answers the requests of operators: who may ask, what is asked, whether it is well said, and then the answer. */
export class AdminDesk implements RequestHandler {
  readonly #parts: AdminParts;
  readonly #options: DeskOptions;
  readonly #replyParts: ReplyParts;
  readonly #streams = new Set<LineStream>();
  /** How many requests are, for each endpoint of which only so many may be. */
  readonly #underWay = new Map<Endpoint, number>();
  #closing = false;

  constructor(parts: AdminParts, options: DeskOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#replyParts = { clock: parts.clock, stallMs: options.stallMs };
  }

  handle(exchange: Exchange): void {
    this.#answer(exchange).catch((error: unknown) => this.#fail(exchange, error));
  }

  /** Ends the streams: they have no other end. */
  close(): void {
    this.#closing = true;
    for (const stream of this.#streams) stream.end();
  }

  async #answer(exchange: Exchange): Promise<void> {
    const { request, client } = exchange;
    const [path, query] = splitTarget(request.target);
    const { doorkeeper, page } = this.#options;
    const file = page.find(path);
    const here = endpoints.filter((endpoint) => endpoint.path === path);
    const access = file === undefined ? (here[0]?.access ?? 'guarded') : 'page';
    const refusal = doorkeeper.refusal(request, client.address, access);
    const endpoint = here.find(({ method }) => method === methodAsked(request.method));
    if (refusal !== undefined) {
      if (endpoint !== undefined) this.#tellRefused(endpoint, exchange, refusal);
      throw refusal;
    }
    if (file !== undefined) {
      allowOnly(['GET'], request.method);
      sendWhole(exchange, page.reply(file, request.fields), this.#replyParts);
      return;
    }
    if (here.length === 0) throw unknownPath(path, page.paths);
    allowOnly(
      here.map(({ method }) => method),
      request.method,
    );
    if (endpoint !== undefined) await this.#run(endpoint, exchange, query);
  }

  /** An order by whom may not give it. Whoever has no token is told of elsewhere, so that guessing one fills no log. */
  #tellRefused({ orders: kind }: Endpoint, { client }: Exchange, { code }: EtagereError): void {
    if (kind === undefined || code === 'ADMIN_TOKEN_REQUIRED' || code === 'ADMIN_TOKEN_TRIES') return;
    this.#parts.orders?.orderEnded({
      order: { kind },
      outcome: { kind: 'refused', error: code },
      from: client,
      durationMs: 0,
    });
  }

  async #run(endpoint: Endpoint, exchange: Exchange, query: string): Promise<void> {
    const { client, request } = exchange;
    const { fields } = request;
    if (endpoint.method === 'POST') refuseOtherThanJson(fields);
    const values = readParameters(query, endpoint.parameters ?? [], schemas);
    const body =
      endpoint.body === undefined ? undefined : await readBody(exchange, endpoint.body, endpoint.bodyMayLack);
    const reply = await this.#bounded(endpoint, { parts: this.#parts, query: values, body, client });
    this.#send(exchange, endpoint, reply);
  }

  /** @throws EtagereError ADMIN_BUSY where as many as may are under way */
  async #bounded(endpoint: Endpoint, call: Call): Promise<Reply> {
    const { atOnce, path } = endpoint;
    if (atOnce === undefined) return endpoint.run(call);
    const underWay = this.#underWay.get(endpoint) ?? 0;
    if (underWay >= atOnce) throw new EtagereError('ADMIN_BUSY', `${atOnce} requests for ${path} are under way`);
    this.#underWay.set(endpoint, underWay + 1);
    try {
      return await endpoint.run(call);
    } finally {
      this.#underWay.set(endpoint, (this.#underWay.get(endpoint) ?? 1) - 1);
    }
  }

  #send(exchange: Exchange, { answer }: Endpoint, reply: Reply): void {
    if (reply.kind === 'lines') {
      if (this.#closing) throw new EtagereError('NOT_READY', 'Etagere is being shut down');
      if (this.#streams.size >= maxTails) throw new EtagereError('ADMIN_BUSY', `${maxTails} clients read the tail`);
      const stream = new LineStream(exchange, this.#replyParts, (ended) => this.#streams.delete(ended));
      this.#streams.add(stream);
      stream.begin(reply.source, answer.contentType, this.#replyParts);
      return;
    }
    const content = reply.kind === 'json' ? Buffer.from(`${JSON.stringify(reply.value)}\n`) : Buffer.from(reply.text);
    const fields = [
      ['content-type', answer.contentType],
      ['cache-control', 'no-store'],
    ] as const;
    sendWhole(exchange, { status: 200, fields, content }, this.#replyParts);
  }

  #fail(exchange: Exchange, error: unknown): void {
    if (!(error instanceof EtagereError)) this.#options.onFault(error);
    const told =
      error instanceof EtagereError ? error : new EtagereError('INTERNAL', 'see what Etagere says on stderr');
    const { head, content } = problemResponse(told, this.#options.cacheName);
    const fields = [...eachField(head.fields)].filter(([name]) => name !== 'content-length');
    const text = Buffer.concat([content, lineEnd]);
    sendWhole(exchange, { status: head.status, fields: [...fields, ...moreOf(told)], content: text }, this.#replyParts);
  }
}

/** A method that is not served where it was asked for. */
class MethodRefused extends EtagereError {
  /** For Allow (RFC 9110 §10.2.1). */
  readonly allow: string;

  constructor(allow: string) {
    super('ADMIN_METHOD_REFUSED', `there is ${allow} here`);
    this.allow = allow;
  }
}

/** The fields that an error needs beside its document. */
function moreOf(error: EtagereError): (readonly [name: string, value: string])[] {
  if (error instanceof MethodRefused) return [['allow', error.allow]];
  return error.code === 'ADMIN_TOKEN_REQUIRED' ? [['www-authenticate', 'Bearer realm="etagere admin"']] : [];
}

function splitTarget(target: string): [path: string, query: string] {
  const mark = target.indexOf('?');
  return mark < 0 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)];
}

/** HEAD is GET without the content (RFC 9110 §9.3.2). */
function methodAsked(method: string): string {
  return method === 'HEAD' ? 'GET' : method;
}

function allowOnly(methods: readonly string[], method: string): void {
  if (methods.includes(methodAsked(method))) return;
  throw new MethodRefused(methods.flatMap((allowed) => (allowed === 'GET' ? ['GET', 'HEAD'] : [allowed])).join(', '));
}

function unknownPath(path: string, pagePaths: readonly string[]): EtagereError {
  const meant = nearest(path, [...endpoints.map((endpoint) => endpoint.path), ...pagePaths]);
  const advice = meant === undefined ? 'GET /openapi.json has all paths' : `did you mean ${meant}?`;
  return new EtagereError('ADMIN_PATH_UNKNOWN', advice);
}

/** A form of another site can send many things, but not this type without asking first (which is refused). */
function refuseOtherThanJson(fields: Fields): void {
  const type = fieldValue(fields, 'content-type') ?? '';
  if (/^application\/json *(?:;|$)/i.test(type) && !hasField(fields, 'content-encoding')) return;
  throw new EtagereError('ADMIN_CONTENT_TYPE', 'send JSON as it is, with Content-Type: application/json');
}

/**
 * The content as the schema of that name has it.
 * @param mayLack Whether none is taken for an empty object.
 * @throws EtagereError ADMIN_REQUEST_INVALID
 */
async function readBody({ content }: Exchange, schema: string, mayLack = false): Promise<unknown> {
  const text = content === null ? '' : await textOf(content);
  const body = text === '' && mayLack ? {} : parseJson(text);
  const fault = faultOf(body, refTo(schema), schemas);
  if (fault !== undefined) throw new EtagereError('ADMIN_REQUEST_INVALID', fault);
  return body;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = text === '' ? 'there is no content' : `the content is not JSON: ${String(error)}`;
    throw new EtagereError('ADMIN_REQUEST_INVALID', why);
  }
}
