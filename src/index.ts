import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PurgeOrder } from './admin/purge-order.ts';
import type { EtagereOptions } from './config/options.ts';
import { settingsOf } from './config/program.ts';
import { warningsOf } from './config/warnings.ts';
import type { PurgeReceipt } from './engine/operations.ts';
import { createProxy } from './main.ts';

export { UsageError } from './config/usage-error.ts';
export type { EtagereOptions, OriginOptions, RouteOptions } from './config/options.ts';
export type { LogMode } from './config/settings.ts';
export type { ErrorCode, ErrorSource } from './errors.ts';
export type { Acknowledgement, PurgeMode, PurgeReceipt } from './engine/operations.ts';
export type { PurgeOrder } from './admin/purge-order.ts';
export type { Limits } from './engine/limits.ts';
export type { OriginTrace, RequestTrace } from './engine/tracing.ts';
export type { PresetName } from './policy/config.ts';

/** A cache before its origins: a request listener for `node:http`, or a server of its own. */
export interface Etagere {
  (request: IncomingMessage, response: ServerResponse): void;
  /** Listens at the addresses of the options (`127.0.0.1:8080` by default). Resolves with the URL of the first. */
  listen(): Promise<string>;
  /** Listens at the address of the option `admin`, for operators. Resolves with its URL. */
  listenAdmin(): Promise<string>;
  /**
   * Purges what is stored, soft unless said, here and at every other instance that shares the shelf. When it resolves, what was stored or asked for before is used as it is no more: the receipt says how much that was, and who
   * has confirmed. Rejects with a UsageError where the order can't be understood, and where too many are under way.
   */
  purge(order: PurgeOrder): Promise<PurgeReceipt>;
  /** Finishes what is under way, then lets go of the origin. A server that is not ours has to be closed first. */
  close(): Promise<void>;
}

/**
 * Puts a cache before an origin.
 *
 *     createServer(createEtagere({ origin: 'http://localhost:3000', memory: '512mb' })).listen(8080);
 *
 * What is most likely not meant, like a lifetime by force, is told by `process.emitWarning`.
 *
 * @throws UsageError that names every option that is wrong
 */
export function createEtagere(options: EtagereOptions): Etagere {
  const settings = settingsOf(options);
  for (const warning of warningsOf(settings)) process.emitWarning(warning, 'EtagereWarning');
  const { listener, listen, listenAdmin, purge, close } = createProxy(settings);
  const handle = (request: IncomingMessage, response: ServerResponse): void => listener(request, response);
  const listenFirst = async (): Promise<string> => (await listen())[0] ?? '';
  return Object.assign(handle, { listen: listenFirst, listenAdmin, purge, close: async () => void (await close()) });
}
