import type { ManualClock } from '../../src/play/manual-clock.ts';
import type { OriginExchange } from '../../src/play/transport.ts';
import { type Description, describedContent } from '../harness/described-content.ts';
import type { Journal } from './journal.ts';
import type { Script } from './sequence.ts';

/** An answer of which something is held back. */
export interface Held {
  readonly arrival: Required<OriginExchange>;
  readonly goOn: () => void;
}

/** What the origin says for each target, and what it has said: the same for all instances. */
export class Sayings {
  readonly #scripts = new Map<string, Script>();
  readonly #versions = new Map<string, number>();
  readonly #identities = new Map<string, number>();
  readonly #contents = new Map<string, Buffer>();
  readonly held: Held[] = [];
  readonly journal: Journal;
  readonly clock: ManualClock;

  constructor(journal: Journal, clock: ManualClock) {
    this.journal = journal;
    this.clock = clock;
  }

  say(url: string, script: Script): void {
    this.#scripts.set(url, script);
  }

  change(url: string): void {
    this.#versions.set(url, this.versionOf(url) + 1);
  }

  versionOf(url: string): number {
    return this.#versions.get(url) ?? 1;
  }

  scriptOf(url: string): Script | undefined {
    return this.#scripts.get(url);
  }

  /** What it has for a request: content of its own for each version, variant and user. */
  identityOf(url: string, script: Script, request: ReadonlyMap<string, string>): Description {
    const names = script.vary
      .toLowerCase()
      .split(/, */)
      .filter((name) => name !== '' && name !== '*');
    const user = request.get('cookie') ?? request.get('authorization') ?? '';
    const variant = names.map((name) => `${name}=${request.get(name) ?? ''}`).join('&');
    return { url, variant, user: script.isPersonal ? user : '', generation: this.versionOf(url) };
  }

  numberOf(identity: Description): number {
    const text = nameOf(identity);
    const number = this.#identities.get(text) ?? this.#identities.size + 1;
    this.#identities.set(text, number);
    return number;
  }

  contentOf(identity: Description): Buffer {
    const text = nameOf(identity);
    // No two of the same length, as a HEAD tells them apart by that alone where there is no validator.
    const length = leastLength(identity.url) + 64 * this.numberOf(identity);
    const content = this.#contents.get(text) ?? Buffer.from(describedContent(identity, length), 'latin1');
    this.#contents.set(text, content);
    return content;
  }

  /** Lets go on, or breaks off, what was held back longest. */
  release(how: 'go-on' | 'break-off'): void {
    const first = this.held.shift();
    if (how === 'go-on') first?.goOn();
    else first?.arrival.breakOff();
  }
}

function nameOf({ url, variant, user, generation }: Description): string {
  return `${url} ${generation} ${user} ${variant}`;
}

/** At one target there is more than memory keeps of one response, where it has little room. */
function leastLength(url: string): number {
  return url.includes('?') ? 30_000 : 300;
}
