import { randomBytes } from 'node:crypto';
import type { Place } from '../backing.ts';
import { piecesOf } from '../sealed-record.ts';
import type { Argument } from './connection.ts';
import { expireKeys } from './row-scripts.ts';
import type { RowParts } from './rows.ts';
import { run } from './servers.ts';

/** Keys that one script is about. */
const keysAtOnce = 256;

/** The pieces of content of one record, under keys of their own. */
export class StoredPieces {
  readonly name: string;
  readonly #parts: RowParts;
  readonly #place: Place;
  #count: number;

  /** Those of a record that is there; or none yet, of one that will be. */
  constructor(parts: RowParts, place: Place, there?: { readonly name: string; readonly length: number }) {
    this.#parts = parts;
    this.#place = place;
    this.name = there?.name ?? randomBytes(8).toString('hex');
    this.#count = there === undefined ? 0 : piecesOf(there.length);
  }

  /** Resolves when the next piece is there. It is so for `draftMs`, if it is not kept. */
  async put(piece: Buffer): Promise<void> {
    const { servers, keys, limits } = this.#parts;
    const key = keys.piece(this.#place, this.name, this.#count++);
    const command: readonly Argument[] = ['SET', key, piece, 'PX', String(limits.draftMs)];
    await servers.call(keys.row(this.#place.row), command, { ms: limits.workMs });
  }

  /** Keeps all of them for so long; false where one of them is not there any more. */
  async keep(ms: number): Promise<boolean> {
    return (await this.#expire([String(ms)])) === this.#count;
  }

  /** Has them go when who is reading them now has had time for it. */
  async letGo(): Promise<void> {
    await this.#expire([String(this.#parts.limits.draftMs), 'sooner']);
  }

  /** Has them go now: nobody can have read them. */
  async drop(): Promise<void> {
    await this.#expire(['1']);
  }

  async #expire(args: readonly string[]): Promise<number> {
    const { servers, keys, limits } = this.#parts;
    let there = 0;
    for (let first = 0; first < this.#count; first += keysAtOnce) {
      const length = Math.min(keysAtOnce, this.#count - first);
      const [key, ...others] = Array.from({ length }, (_, at) => keys.piece(this.#place, this.name, first + at));
      if (key === undefined) break;
      const reply = await run(servers, expireKeys, { keys: [key, ...others], args }, { ms: limits.workMs });
      there += typeof reply === 'number' ? reply : 0;
    }
    return there;
  }
}
