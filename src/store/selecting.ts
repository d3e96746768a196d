import { setImmediate as turn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { assertNever } from '../http/message.ts';
import type { CacheKey } from '../key/cache-key.ts';
import type { Handle } from './cells.ts';
import type { Members } from './members.ts';
import type { PackedResponses } from './packed.ts';
import type { StoreSelection } from './selection.ts';
import type { Shelved, StorePage, StorePageQuery } from './store.ts';
import type { TagIndex } from './tag-index.ts';

/** Responses that are looked at in one go: about a millisecond. */
const responsesInRun = 1_000;

export interface SelectingParts {
  readonly packed: PackedResponses;
  readonly tags: TagIndex;
  /** The variants of a target. */
  readonly ofKey: (key: CacheKey) => readonly Handle[];
  /** For each target the keys of the responses to QUERY requests for it. */
  readonly queries: Members<CacheKey, CacheKey>;
}

/** Finds responses on the memory shelf by what can be told of them without opening them. */
export class Selecting {
  readonly #parts: SelectingParts;

  constructor(parts: SelectingParts) {
    this.#parts = parts;
  }

  /** The handle must be in use. */
  matches(selection: StoreSelection, handle: Handle): boolean {
    const { packed, tags } = this.#parts;
    switch (selection.kind) {
      case 'all':
        return true;
      case 'one':
        return idOf(packed, handle) === selection.id;
      case 'tag':
        return tags.has(handle, selection.tag);
      case 'beginning':
        return startsWithAny(packed.keyOf(handle), selection.prefixes);
      case 'targets':
        return isOf(packed.keyOf(handle), selection.keys);
      default:
        return assertNever(selection);
    }
  }

  /** All that match, some at a time: what is asked for next is looked for then. */
  *runs(selection: StoreSelection): Generator<readonly Handle[]> {
    const { tags, ofKey, queries } = this.#parts;
    if (selection.kind === 'targets') {
      yield* slices(variantsOf(selection.keys, queries, ofKey), Number.POSITIVE_INFINITY);
    } else if (selection.kind === 'one') {
      const handle = this.#named(selection.id);
      if (handle !== undefined) yield [handle];
    } else if (selection.kind === 'tag') {
      yield* slices(tags.of(selection.tag), tags.countOf(selection.tag));
    } else {
      yield* this.#walk(selection);
    }
  }

  /** Responses that match, in the order of their places; `open` makes objects of one. */
  async page(
    { cursor, limit, selection, matches }: StorePageQuery,
    open: (handle: Handle) => Shelved | undefined,
  ): Promise<StorePage> {
    const { packed } = this.#parts;
    const found: StorePage['found'][number][] = [];
    let handle = cursor === undefined ? 0 : handleOf(`${cursor}-0`);
    for (let looked = 1; handle >= 0 && handle < packed.handles; handle++, looked++) {
      if (found.length === limit) return { found, cursor: String(handle) };
      if (looked % responsesInRun === 0) await turn();
      if (!packed.isUsed(handle) || !this.matches(selection, handle) || !matches(packed.keyOf(handle))) continue;
      const id = idOf(packed, handle);
      const shelved = open(handle);
      if (shelved !== undefined) found.push({ id, shelved });
    }
    return { found };
  }

  /** The key of the response with this id, if it is on the shelf. */
  keyOf(id: string): CacheKey | undefined {
    const handle = this.#named(id);
    return handle === undefined ? undefined : this.#parts.packed.keyOf(handle);
  }

  #named(id: string): Handle | undefined {
    const { packed } = this.#parts;
    const handle = handleOf(id);
    return packed.isUsed(handle) && idOf(packed, handle) === id ? handle : undefined;
  }

  *#walk(selection: StoreSelection): Generator<readonly Handle[]> {
    const { packed } = this.#parts;
    for (let first = 0; first < packed.handles; first += responsesInRun) {
      const run: Handle[] = [];
      const end = Math.min(first + responsesInRun, packed.handles);
      for (let handle = first; handle < end; handle++) {
        if (packed.isUsed(handle) && this.matches(selection, handle)) run.push(handle);
      }
      yield run;
    }
  }
}

/**
 * By what a response is named as long as it is on the shelf, however often it is confirmed: its place, which is that of what it takes the place of, and a sum of its key and variant, as another one may have the place later.
 */
export function idOf(packed: PackedResponses, handle: Handle): string {
  return `${handle}-${crc32(packed.keyOf(handle), packed.digestOf(handle))}`;
}

/** The place that an id names; of one that is no id, a place that nothing has. */
function handleOf(id: string): Handle {
  const match = /^(\d{1,10})-\d+$/.exec(id);
  return match === null ? -1 : Number(match[1]);
}

function startsWithAny(key: CacheKey, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => key.startsWith(prefix));
}

/** Whether a key is one of `keys`, or that of a QUERY to it: no target has a space in it. */
function isOf(key: CacheKey, keys: readonly CacheKey[]): boolean {
  return keys.some((target) => key === target || key.startsWith(`${target} `));
}

/** All variants under these keys, and those of the responses to QUERY requests for the same targets. */
function* variantsOf(
  keys: readonly CacheKey[],
  queries: SelectingParts['queries'],
  ofKey: SelectingParts['ofKey'],
): Generator<Handle> {
  for (const key of keys) {
    yield* ofKey(key);
    for (const query of queries.of(key)) yield* ofKey(query);
  }
}

/** The first `most` of them, some at a time. */
function* slices(handles: Iterable<Handle>, most: number): Generator<readonly Handle[]> {
  let run: Handle[] = [];
  let left = most;
  for (const handle of handles) {
    if (left-- <= 0) break;
    run.push(handle);
    if (run.length < responsesInRun) continue;
    yield run;
    run = [];
  }
  yield run;
}
