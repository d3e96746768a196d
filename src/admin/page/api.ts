import type { TokenKeeper } from './token.ts';

/** What the admin API says is wrong (RFC 9457), or that there was no answer. */
export class Problem extends Error {
  /** 0 where there was no answer. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Names and values for the query; those that are empty are left out. */
export type Query = readonly (readonly [name: string, value: string])[];

/** How long an answer may take. */
const patienceMs = 15_000;

/** Asks the admin API, with the token that the user gives when it wants one. */
export class Api {
  readonly #tokens: TokenKeeper;
  readonly #onAnswered: () => void;

  /** @param onAnswered Is told of each answer that is none of an error. */
  constructor(tokens: TokenKeeper, onAnswered: () => void) {
    this.#tokens = tokens;
    this.#onAnswered = onAnswered;
  }

  /** @throws Problem */
  async get<T>(path: string, query: Query = []): Promise<T> {
    const text = new URLSearchParams(query.filter(([, value]) => value !== '').map(([...pair]) => pair)).toString();
    return (await this.#ask(text === '' ? path : `${path}?${text}`, {})) as T;
  }

  /** @throws Problem */
  async post<T>(path: string, body: object): Promise<T> {
    return (await this.#ask(path, { method: 'POST', body: JSON.stringify(body) })) as T;
  }

  async #ask(target: string, init: RequestInit): Promise<unknown> {
    const token = this.#tokens.current;
    const headers = new Headers(init.method === 'POST' ? { 'content-type': 'application/json' } : {});
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    const response = await answerTo(target, { ...init, headers });
    if (response.status === 401 && (await this.#tokens.another(token))) return this.#ask(target, init);
    const said: unknown = await response.json().catch(() => undefined);
    if (response.ok && said !== undefined) {
      this.#onAnswered();
      return said;
    }
    if (response.ok) throw new Problem(response.status, 'The answer broke off');
    if (response.status === 401) throw new Problem(401, 'The API wants a token: reload this page to give it');
    throw new Problem(response.status, problemText(said) ?? `the answer was ${response.status}`);
  }
}

async function answerTo(target: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(target, { ...init, cache: 'no-store', signal: AbortSignal.timeout(patienceMs) });
  } catch {
    throw new Problem(0, 'Etagere does not answer');
  }
}

function problemText(said: unknown): string | undefined {
  const { title, detail } = (said ?? {}) as { readonly title?: string; readonly detail?: string };
  return [title, detail].filter((text) => text !== undefined).join(': ') || undefined;
}
