import type { Environment } from './environment.ts';
import type { Room } from './room.ts';

const tightKey = Buffer.from('tight');

export interface TightnessParts {
  readonly environment: Environment;
  readonly room: Room;
  /** Of those who share the shelf: what others wrote before them is of no meaning. */
  readonly token: string;
  readonly directory: string;
  /** One line for the operator. */
  readonly warn: (line: string) => void;
}

/** Tells once, of all who share a shelf, that the file system has less for it than it may take, and once that it has enough. */
export class Tightness {
  readonly #parts: TightnessParts;
  readonly #token: Buffer;
  #line: string | undefined;

  constructor(parts: TightnessParts) {
    this.#parts = parts;
    this.#token = Buffer.from(parts.token);
  }

  /** At the end of each transaction. */
  note(): void {
    const { environment, room, directory } = this.#parts;
    this.#line = undefined;
    const wasTight = environment.facts.get(tightKey)?.equals(this.#token) === true;
    const isTight = room.isTight(wasTight);
    if (isTight === wasTight) return;
    environment.facts.put(tightKey, isTight ? this.#token : Buffer.from('no'));
    const most = megabytes(room.maxBytes);
    this.#line = isTight
      ? `the file system of ${directory} has ${megabytes(room.withinBytes)} for the shelf, which may take ${most}: it goes on within what there is, and what is oldest gives way`
      : `the file system of ${directory} has room again for the ${most} that the shelf may take`;
  }

  /** When that transaction is kept. */
  tell(): void {
    if (this.#line !== undefined) this.#parts.warn(this.#line);
    this.#line = undefined;
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
