import { languages, longestLife, type Resource, tagOf } from './site.ts';

/** How long content that is asked for again stays the same, in ms: some requests then find it changed, others that it holds. What is large stays as it is: an answer that a shelf breaks off goes on from the origin only where that has the same still. */
const sameForMs = { hot: 12_000, large: Infinity } as const;
/** Nothing older than this can be on any shelf, whatever it says. */
const keptMs = (longestLife + 300) * 1_000;

/** What is purged or changed, and by whom that is to be noticed. */
export interface Floor {
  /** Of a target, a tag, or the beginning of targets. */
  readonly of: { readonly target: string } | { readonly tag: string } | { readonly prefix: string };
  /** When it was asked for: what is served from then on the origin has said since. */
  readonly sinceMs: number;
  /** Whether what the origin is known to have said before may still stand in for an origin that fails. */
  readonly isSoft: boolean;
}

/** What the origin has said and when, and from when on it has to have said what is served. Times are those of `performance.now`. */
export class Book {
  /** What the origin got that it should not have got. */
  readonly faults: string[] = [];
  #generation = 0;
  readonly #current = new Map<string, { readonly generation: number; readonly sinceMs: number }>();
  /** By generation, the oldest first: when the origin last said that it holds. */
  readonly #saidAt = new Map<number, number>();
  readonly #formsSeen = new Map<string, number>();
  readonly #floors = new Map<string, Floor>();

  /** Which content the origin is to answer with: one that it has said before where that has not changed since. */
  generationOf({ target, kind }: Resource, language: string, nowMs = performance.now()): number {
    const isKept = kind === 'hot' || kind === 'large';
    const known = isKept ? this.#current.get(`${target} ${language}`) : undefined;
    if (isKept && known !== undefined && nowMs - known.sinceMs < sameForMs[kind]) return known.generation;
    const generation = ++this.#generation;
    if (isKept) this.#current.set(`${target} ${language}`, { generation, sinceMs: nowMs });
    return generation;
  }

  /** The origin says that this content holds now. */
  said(generation: number, nowMs = performance.now()): void {
    this.#saidAt.delete(generation);
    this.#saidAt.set(generation, nowMs);
    forgetBefore(this.#saidAt, nowMs - keptMs);
  }

  /** When it last did; undefined: never, or longer ago than anything may be kept. */
  lastSaid(generation: number): number | undefined {
    return this.#saidAt.get(generation);
  }

  /** The origin got that form: nobody sends one twice (RFC 9110 §9.2.2). */
  formSeen(target: string, nowMs = performance.now()): void {
    if (this.#formsSeen.has(target)) this.faults.push(`the origin got ${target} twice`);
    this.#formsSeen.set(target, nowMs);
    forgetBefore(this.#formsSeen, nowMs - keptMs);
  }

  /** What is there has changed by an unsafe request. */
  changed(target: string): void {
    for (const language of ['', ...languages]) this.#current.delete(`${target} ${language}`);
  }

  /** From now on what is older is not served any more. */
  raise(floor: Floor): void {
    this.#floors.set(JSON.stringify([floor.of, floor.isSoft]), floor);
  }

  /** The floors do not hold where what knew of them is gone. */
  forgetFloors(): void {
    this.#floors.clear();
  }

  /** The floors that hold for a request that begins now. */
  floorsOf(target: string): readonly Floor[] {
    return [...this.#floors.values()].filter(({ of }) => {
      if ('target' in of) return of.target === target;
      return 'tag' in of ? target.startsWith('/hot/') && of.tag === tagOf(target) : target.startsWith(of.prefix);
    });
  }
}

/** Of a map whose oldest come first. */
function forgetBefore(times: Map<unknown, number>, beforeMs: number): void {
  for (const [key, atMs] of times) {
    if (atMs >= beforeMs) return;
    times.delete(key);
  }
}
