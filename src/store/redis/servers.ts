import type { Endpoint } from './address.ts';
import type { Argument } from './connection.ts';
import { RedisRefusal } from './connection.ts';
import type { Script } from './script.ts';
import type { Server, Within } from './server.ts';

/** The servers that hold the keys: one of them, or those of a cluster. */
export interface Servers {
  /** Whether all keys are on one: then one script can read any of them. */
  readonly isOne: boolean;
  /** Whether whoever has that key is asked at the moment. */
  isUp(key: string): boolean;
  /** The same, and it has answered in time what it was asked last. */
  isPrompt(key: string): boolean;
  /** Asks whoever has that key. */
  call(key: string, command: readonly Argument[], time: Within): Promise<unknown>;
  /** Where that key is, to connect there. */
  endpointOf(key: string): Endpoint;
  /** All of them, in an order that stays while they are the same. */
  all(): readonly Server[];
  /** Calls that failed, since the start. */
  readonly failures: number;
  /** Resolves when it has tried to reach them once. */
  open(): Promise<void>;
  close(): void;
}

/** Runs a script where its first key is: by its digest, and by its text where it is not known. */
export async function run(
  servers: Pick<Servers, 'call'>,
  { digest, source }: Script,
  { keys, args }: { readonly keys: readonly [string, ...string[]]; readonly args: readonly Argument[] },
  time: Within,
): Promise<unknown> {
  const rest = [String(keys.length), ...keys, ...args];
  const until = performance.now() + time.ms;
  try {
    return await servers.call(keys[0], ['EVALSHA', digest, ...rest], time);
  } catch (error) {
    if (!(error instanceof RedisRefusal) || error.code !== 'NOSCRIPT') throw error;
  }
  return servers.call(keys[0], ['EVAL', source, ...rest], { ...time, ms: Math.max(1, until - performance.now()) });
}
