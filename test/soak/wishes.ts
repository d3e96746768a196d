import { assertNever } from '../../src/http/message.ts';
import type { Random } from '../fuzz/random.ts';
import type { Manner } from './connection.ts';
import { host, hotCount, largeCount, languages } from './site.ts';

/** A request that a client makes, and how that client behaves. */
export interface Wish {
  /** For the report. */
  readonly kind: string;
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly target: string;
  readonly language: string;
  /** Who asks, by Authorization; empty: nobody in particular. */
  readonly user: string;
  readonly range: string | undefined;
  /** The entity-tag that the client has already; undefined: none. */
  readonly known: string | undefined;
  readonly content: string;
  readonly manner: Manner;
}

/** What clients ask for, and how: so many of each in a hundred. */
const shares = {
  hot: 44,
  miss: 16,
  conditional: 9,
  range: 8,
  head: 4,
  large: 3,
  slow: 1,
  leaving: 4,
  private: 5,
  stream: 2,
  post: 3,
  change: 1,
} as const;
type Share = keyof typeof shares;

const drawn: readonly Share[] = Object.entries(shares).flatMap(([share, count]) =>
  Array.from({ length: count }, () => share as Share),
);
const usersCount = 5;

/** Draws one request after the other, and remembers what was seen of late, for those that have something already. */
export class Wishes {
  readonly #random: Random;
  /** By target: what a client got there last. */
  readonly #tags = new Map<string, string>();
  #next = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** A client got a response with that tag. Only of what is asked for again. */
  saw(target: string, tag: string | undefined): void {
    if (tag !== undefined && /^\/(hot|large)\//.test(target)) this.#tags.set(target, tag);
  }

  next(): Wish {
    const share = this.#random.pick(drawn);
    const asked = { kind: share, ...this.#plain(`/hot/${this.#hotIndex()}`) };
    const numbered = (kind: string): string => `/${kind}/${this.#next++}`;
    const large = (): string => `/large/${this.#random.below(largeCount)}`;
    switch (share) {
      case 'hot':
        return asked;
      case 'miss':
        return { ...asked, target: numbered('once') };
      case 'conditional':
        return { ...asked, known: this.#tags.get(asked.target) };
      case 'range':
        return { ...asked, target: this.#random.once(2) ? large() : asked.target, range: this.#range() };
      case 'head':
        return { ...asked, method: 'HEAD' };
      case 'large':
        return { ...asked, target: large() };
      case 'slow':
        return { ...asked, target: large(), manner: 'slow' };
      case 'leaving':
        return { ...asked, target: this.#random.once(2) ? large() : numbered('once'), manner: 'leaving' };
      case 'private':
        return { ...asked, target: `/private/${this.#random.below(20)}`, user: this.#user() };
      case 'stream':
        return { ...asked, target: numbered('stream') };
      case 'post':
        return { ...asked, method: 'POST', target: numbered('form'), content: `form ${this.#next}` };
      case 'change':
        return { ...asked, method: 'POST', content: `change ${this.#next++}` };
      default:
        return assertNever(share);
    }
  }

  #plain(target: string): Omit<Wish, 'kind'> {
    const language = this.#random.pick(languages);
    return {
      method: 'GET',
      target,
      language,
      user: '',
      range: undefined,
      known: undefined,
      content: '',
      manner: 'steady',
    };
  }

  /** Low numbers more often than high ones. */
  #hotIndex(): number {
    return Math.min(this.#random.below(hotCount), this.#random.below(hotCount));
  }

  #user(): string {
    return `Bearer user-${this.#random.below(usersCount)}`;
  }

  #range(): string {
    const first = this.#random.below(9_000);
    return this.#random.pick([`bytes=${first}-${first + this.#random.below(70_000)}`, `bytes=${first}-`, 'bytes=-500']);
  }
}

/** As bytes (latin1). */
export function bytesOfWish({ method, target, language, user, range, known, content }: Wish): string {
  return [
    `${method} ${target} HTTP/1.1`,
    `Host: ${host}`,
    `Accept-Language: ${language}`,
    ...(user === '' ? [] : [`Authorization: ${user}`]),
    ...(range === undefined ? [] : [`Range: ${range}`]),
    ...(known === undefined ? [] : [`If-None-Match: ${known}`]),
    ...(method === 'POST' ? [`Content-Length: ${content.length}`] : []),
    '',
    content,
  ].join('\r\n');
}
