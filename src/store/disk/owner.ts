import { randomBytes } from 'node:crypto';
import type { Environment } from './environment.ts';
import { forgetArriving } from './shared-arriving.ts';

/** Those who may use a shelf together: the workers of one process, which gives each of them the same token. */
export interface Sharing {
  readonly token: string;
  /** The process whose workers they are. */
  readonly pid: number;
}

const ownerKey = Buffer.from('owner');

/** Who uses a shelf alone. */
export function alone(): Sharing {
  return { token: randomBytes(12).toString('hex'), pid: process.pid };
}

/** Begins to use a shelf whose lock is held. True for the first of those who share it. */
export function beginToUse(environment: Environment, { token }: Sharing): Promise<boolean> {
  const owner = Buffer.from(token);
  return environment.transaction(() => {
    if (environment.facts.get(ownerKey)?.equals(owner) === true) return false;
    environment.facts.put(ownerKey, owner);
    forgetArriving(environment);
    return true;
  });
}
