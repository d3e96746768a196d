import type { ClientRequest, IncomingMessage, request as httpRequest } from 'node:http';
import { checkedToken, tokenVariable } from '../config/admin-options.ts';
import { systemCode } from '../config/system-code.ts';
import { at, UsageError } from '../config/usage-error.ts';
import { printable } from './printable.ts';
import { isText, objectWith, type Shape } from './shape.ts';
import type { Terminal } from './terminal.ts';

/** Where the admin API is asked, unless said. The variable of the server's own flag does not count: it may be an address to listen on, like 0.0.0.0:8081. */
export const defaultAdminUrl = 'http://127.0.0.1:8081';

/** How long a cache that runs may take to answer. */
const patienceMs = 30_000;

/** After how long a silence the system asks whether a stream of lines still has its other end. */
const aliveProbeMs = 30_000;

/** The most of an answer that is read, in bytes. The longest are tables of 200 URLs. */
const longestAnswer = 16 * 2 ** 20;

/** Characters that a line may have; a record with its target and its reasons is far shorter. */
const longestLine = 1_000_000;

/** The admin API can't be asked, or can't answer. The message says what to do, and is safe for a terminal. */
export class AdminError extends Error {
  constructor(problem: string, advice: string) {
    super(`${problem}; ${advice}`);
    this.name = 'AdminError';
  }
}

/** One thing to ask. */
export interface AdminQuestion {
  readonly path: string;
  /** A name may be there several times. */
  readonly query?: readonly (readonly [name: string, value: string])[];
  /** Sent as JSON, by POST. */
  readonly body?: object;
  readonly signal?: AbortSignal;
}

/** Asks the admin API of an Etagere that runs. */
export class AdminClient {
  /** Scheme, host and port. */
  readonly url: string;
  readonly #token: string | undefined;

  /**
   * @param said what `--admin` was given; `ETAGERE_ADMIN_TOKEN` is the token
   * @throws UsageError
   */
  constructor(said: string | undefined, variables: Terminal['variables']) {
    this.url = at('--admin', () => parseAdminUrl(said ?? defaultAdminUrl));
    const token = variables[tokenVariable] || undefined;
    this.#token = token === undefined ? undefined : at(tokenVariable, () => checkedToken(token));
  }

  /**
   * The answer, which has to be of that shape.
   * @throws AdminError where it can't be had; UsageError where what was asked is not understood, or not for us
   */
  async object<T extends object>(question: AdminQuestion, shape: Shape): Promise<T> {
    const patience = new Patience(question.signal);
    try {
      const response = await this.#answer(question, patience);
      return this.#valueOf(await this.#contentOf(response, patience), shape) as T;
    } finally {
      patience.end();
    }
  }

  /**
   * The lines of an answer as they come, each of that shape. Ends where the answer ends, or the signal is aborted.
   * @throws AdminError and UsageError, as `object` does
   */
  async *lines<T extends object>(question: AdminQuestion, shape: Shape): AsyncGenerator<T, void, undefined> {
    const patience = new Patience(question.signal);
    // Lines may be long in coming; the head may not.
    const response = await this.#answer(question, patience).finally(() => patience.end());
    response.socket.setKeepAlive(true, aliveProbeMs);
    const decoder = new TextDecoder();
    let begun = '';
    try {
      for await (const chunk of response) {
        const lines = (begun + decoder.decode(chunk as Buffer, { stream: true })).split('\n');
        begun = lines.pop() ?? '';
        if (begun.length > longestLine) throw this.#stranger();
        for (const line of lines) yield this.#valueOf(line, shape) as T;
      }
    } catch (error) {
      if (question.signal?.aborted === true) return;
      throw error instanceof AdminError ? error : this.#brokenOff(error);
    }
    if (begun !== '') throw this.#brokenOff(undefined);
  }

  #valueOf(text: string, shape: Shape): unknown {
    const value = parsed(text);
    if (shape(value)) return value;
    throw this.#stranger();
  }

  /** The response with status 200. */
  async #answer(question: AdminQuestion, patience: Patience): Promise<IncomingMessage> {
    // Loaded only where it is used: in the one file that the command is, a static import would be waited for at each start of a server, too.
    const { request } = this.url.startsWith('https:') ? await import('node:https') : await import('node:http');
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = this.#send(request, question, patience.signal);
      sent.on('response', resolve);
      sent.on('error', (error) => reject(patience.isOver ? this.#late() : this.#unanswered(error)));
      sent.end(question.body === undefined ? undefined : JSON.stringify(question.body));
    });
    if (response.statusCode === 200) return response;
    throw this.#refusal(response.statusCode ?? 0, await this.#contentOf(response, patience));
  }

  /** All of it, as text, if it is not too much. */
  async #contentOf(response: IncomingMessage, patience: Patience): Promise<string> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of response) {
        chunks.push(chunk as Buffer);
        bytes += (chunk as Buffer).length;
        // Leaving the loop destroys the response.
        if (bytes > longestAnswer) throw this.#stranger();
      }
    } catch (error) {
      if (error instanceof AdminError) throw error;
      throw patience.isOver ? this.#late() : this.#brokenOff(error);
    }
    return Buffer.concat(chunks).toString();
  }

  #send(request: typeof httpRequest, { path, query = [], body }: AdminQuestion, signal: AbortSignal): ClientRequest {
    const url = new URL(path, this.url);
    for (const [name, value] of query) url.searchParams.append(name, value);
    const headers: Record<string, string> = { accept: 'application/json, application/x-ndjson' };
    if (this.#token !== undefined) headers['authorization'] = `Bearer ${this.#token}`;
    if (body !== undefined) headers['content-type'] = 'application/json';
    return request(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers,
      // A connection that is kept would keep the process.
      agent: false,
      signal,
    });
  }

  #unanswered(error: Error): AdminError {
    const { hostname, port } = new URL(this.url);
    const start = port === '' ? hostname : `${hostname}:${port}`;
    return new AdminError(
      `--admin: ${this.url} does not answer (${printable(systemCode(error))})`,
      `is Etagere running there with --admin ${start}? If its admin API is elsewhere, say where: --admin URL`,
    );
  }

  #late(): AdminError {
    return new AdminError(
      `--admin: ${this.url} did not answer within ${patienceMs / 1_000} s`,
      'something listens there, but is overloaded or halted, or is no Etagere',
    );
  }

  #refusal(status: number, content: string): Error {
    const problem = parsed(content);
    if (status === 401) {
      const how = this.#token === undefined ? 'it wants a token' : `the token in ${tokenVariable} is not its own`;
      return new UsageError(`--admin: ${this.url} answered 401: ${how}`, `give it as ${tokenVariable}`);
    }
    if (!isProblem(problem)) return this.#stranger(status);
    const [code, detail] = [printable(problem.code), printable(problem.detail)];
    if (status === 400 || status === 403) return new UsageError(detail, `that is what ${this.url} said (${code})`);
    return new AdminError(
      `--admin: ${this.url} answered ${status} ${code}: ${detail}`,
      'docs/errors.md has what its code means',
    );
  }

  #stranger(status?: number): AdminError {
    const what = status === undefined ? 'in words that are not understood' : String(status);
    return new AdminError(
      `--admin: ${this.url} answered ${what}, as the admin API of this version would not`,
      'say where that of Etagere listens: --admin URL',
    );
  }

  #brokenOff(error: unknown): AdminError {
    const code = error === undefined ? '' : ` (${printable(systemCode(error))})`;
    return new AdminError(`--admin: ${this.url} broke off in its answer${code}`, 'does that process still run?');
  }
}

/** How long an answer is waited for: until it took too long, or the one who asked wants it no more. */
class Patience {
  readonly signal: AbortSignal;
  readonly #over = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(unwanted: AbortSignal | undefined) {
    this.#timer = setTimeout(() => this.#over.abort(), patienceMs);
    this.signal = unwanted === undefined ? this.#over.signal : AbortSignal.any([this.#over.signal, unwanted]);
  }

  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** It came. */
  end(): void {
    clearTimeout(this.#timer);
  }
}

/**
 * `http://127.0.0.1:8081` from that, from `127.0.0.1:8081`, or from only a port, as the server's own flag takes it.
 * @throws UsageError
 */
function parseAdminUrl(text: string): string {
  const meant = /^:?\d+$/.test(text) ? `127.0.0.1:${text.replace(':', '')}` : text;
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(meant) ? meant : `http://${meant}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  const usual = `write the one that was printed at its start, like ${defaultAdminUrl}`;
  if (url === undefined) throw new UsageError(`"${text}" is no URL`, usual);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new UsageError(`${url.protocol}// is no way to ask it`, usual);
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError('it holds credentials', `give the token as ${tokenVariable}`);
  }
  if (url.pathname !== '/' || url.search !== '') {
    throw new UsageError(`"${text}" has more than a host and a port`, `write ${url.origin}`);
  }
  return url.origin;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A problem document (RFC 9457), as far as it is used. */
function isProblem(value: unknown): value is { readonly code: string; readonly detail: string } {
  return objectWith({ code: isText, detail: isText })(value);
}
