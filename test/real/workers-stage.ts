import { readFileSync } from 'node:fs';
import { Agent, get, type IncomingHttpHeaders } from 'node:http';
import { launchEtagere, type LaunchedEtagere } from './etagere-launch.ts';
import { startServer, type TestServer } from './program.ts';

/** Two workers before an origin that counts, with an admin API. */
export interface WorkersStage {
  readonly etagere: LaunchedEtagere;
  readonly admin: string;
  /** How often the origin was asked. */
  readonly asked: () => number;
  /** What the origin answers with from now on. */
  readonly answer: (content: string) => void;
  readonly close: () => Promise<void>;
  /** The same where the first process has been killed. */
  readonly abandon: () => Promise<void>;
}

/** One answer to a request, on a connection of its own unless there is an agent. */
export interface Answer {
  readonly status: number;
  readonly fields: IncomingHttpHeaders;
  readonly content: string;
}

export async function startWorkers(flags: readonly string[] = [], delayMs = 0): Promise<WorkersStage> {
  let asked = 0;
  let content = 'one';
  const origin: TestServer = await startServer((_, response) => {
    asked += 1;
    const sent = content;
    setTimeout(() => response.writeHead(200, { 'cache-control': 'max-age=600' }).end(sent), delayMs);
  });
  const etagere = await launchEtagere(origin.url, ['--workers', '2', '--admin', '0', '--log', 'off', ...flags]);
  const [, admin = ''] = await etagere.said(/^etagere admin on (\S+)$/);
  return {
    etagere,
    admin,
    asked: () => asked,
    answer: (text) => {
      content = text;
    },
    abandon: () => origin.close(),
    close: async () => {
      await etagere.stop();
      await origin.close();
    },
  };
}

/** The processes that a process has begun and that run. */
export function workersOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return children === '' ? [] : children.split(' ').map(Number);
}

export function ask(
  url: string,
  agent?: Agent,
  fields: Record<string, string> = {},
  timeout = 10_000,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: agent ?? false, headers: fields, timeout }, (response) => {
      let content = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        content += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, fields: response.headers, content }));
      response.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${timeout} ms`)));
    request.on('error', reject);
  });
}

/** Clients that ask on and on until they are stopped: each one over a connection that it keeps, or each time over another. */
export class Load {
  requests = 0;
  /** By client: what went wrong, in words. */
  readonly errors: string[][];
  readonly #done: Promise<unknown>;
  readonly #waiting: { readonly until: number; readonly resolve: () => void }[] = [];
  #isStopped = false;

  /** `url`: of all requests, or of each next one. */
  constructor(url: string | (() => string), keeping: number, fresh: number) {
    this.errors = Array.from({ length: keeping + fresh }, () => []);
    const clients = this.errors.map((errors, i) => this.#client(url, errors, i < keeping));
    this.#done = Promise.all(clients);
  }

  /** All that went wrong. */
  get failures(): string[] {
    return this.errors.flat();
  }

  /** Resolves when so many more have been answered. */
  async more(requests: number): Promise<void> {
    const until = this.requests + requests;
    await new Promise<void>((resolve) => this.#waiting.push({ until, resolve }));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#done;
  }

  async #client(url: string | (() => string), errors: string[], isKeeping: boolean): Promise<void> {
    const agent = new Agent({ keepAlive: isKeeping, maxSockets: 1 });
    while (!this.#isStopped) {
      try {
        const { status } = await ask(typeof url === 'string' ? url : url(), agent);
        if (status !== 200) errors.push(`status ${status}`);
      } catch (error) {
        errors.push(String(error));
      }
      this.requests += 1;
      for (const { until, resolve } of this.#waiting) if (this.requests >= until) resolve();
    }
    agent.destroy();
  }
}
