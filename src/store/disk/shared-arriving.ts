import { keysBeginning } from './entry.ts';
import type { Environment } from './environment.ts';

const prefix = 'arriving:';
const valueBytes = 6;

/** What each of those who share a shelf has on its way to a file there, as their transactions have left it: it takes room already, and no record tells of it yet. */
export class SharedArriving {
  readonly #environment: Environment;
  readonly #key: Buffer;

  constructor(environment: Environment, instance: string) {
    this.#environment = environment;
    this.#key = Buffer.from(prefix + instance);
  }

  /** Within a transaction, as all that follows: bytes of all others. */
  others(): number {
    const all = listed(this.#environment).filter(({ key }) => !key.equals(this.#key));
    return all.reduce((sum, { value }) => sum + value.readUIntBE(0, valueBytes), 0);
  }

  tell(bytes: number): void {
    if (bytes === (this.#environment.facts.get(this.#key)?.readUIntBE(0, valueBytes) ?? 0)) return;
    const value = Buffer.allocUnsafe(valueBytes);
    value.writeUIntBE(bytes, 0, valueBytes);
    this.#environment.facts.put(this.#key, value);
  }
}

/** Within a transaction: nobody has anything on its way yet, as whoever was there before has ended. */
export function forgetArriving(environment: Environment): void {
  for (const { key } of listed(environment)) environment.facts.remove(key);
}

function listed(environment: Environment): { readonly key: Buffer; readonly value: Buffer }[] {
  return environment.facts.range(keysBeginning(prefix));
}
