import type { Limits } from '../engine/limits.ts';
import { Doorkeeper } from './access.ts';
import { AdminDesk } from './desk.ts';
import { aliveProbeMs, limitsOfAdmin } from './limits.ts';
import { PageFiles } from './page-files.ts';
import type { AdminParts } from './parts.ts';
import { WrongTokens } from './wrong-tokens.ts';

/** How an admin API is to be. */
export interface AdminOptions {
  /** What clients have to have, as it is now. Undefined: being on this machine. */
  readonly token: () => string | undefined;
  /** Our name in Proxy-Status. */
  readonly cacheName: string;
  /** Is told of what should never happen: a fault of ours while a request was answered. */
  readonly onFault: (error: unknown) => void;
  /** Is told of what an operator should know of, in a line. */
  readonly onWarning: (text: string) => void;
}

/** How the listener before an admin API has to be, in the words of its options. */
export interface AdminListening {
  readonly limits: Limits;
  readonly encodeTarget: true;
  readonly idleGiveWay: true;
  readonly aliveProbeMs: number;
}

/** An admin API with its page, and the listener to put before it. */
export function createAdmin(parts: AdminParts, options: AdminOptions): { desk: AdminDesk; listening: AdminListening } {
  const limits = limitsOfAdmin(parts.limits);
  const desk = new AdminDesk(parts, {
    doorkeeper: new Doorkeeper(options.token, new WrongTokens(parts.clock, options.onWarning)),
    // From here as from the one file that the command is, in the folder beside this one.
    page: new PageFiles(new URL('../admin/page/', import.meta.url)),
    cacheName: options.cacheName,
    stallMs: limits.clientStallMs,
    onFault: options.onFault,
  });
  return { desk, listening: { limits, encodeTarget: true, idleGiveWay: true, aliveProbeMs } };
}
