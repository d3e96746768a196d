import {
  ConnectionTimeoutError,
  createClient,
  ErrorReply,
  RESP_TYPES,
  SocketClosedUnexpectedlyError,
} from '@redis/client';
import { type Endpoint, nameOf } from './address.ts';

export type Argument = string | Buffer;

/** The same bytes as an argument: not a copy. */
export function argumentOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** A server's answer that says no. */
export class RedisRefusal extends Error {
  override readonly name = 'RedisRefusal';

  /** The first word: what kind of no it is, like `MOVED` or `OOM`. */
  get code(): string {
    return /^\w*/.exec(this.message)?.[0] ?? '';
  }
}

/** One open connection to one server. */
export interface Connection {
  /** Resolves with the reply, strings as buffers. Rejects with a `RedisRefusal`, or when the connection is lost. */
  send(command: readonly Argument[]): Promise<unknown>;
  /** Hears of what is published to these channels; nothing else is to be sent on this connection then. */
  subscribe(channels: readonly string[], listener: (message: string, channel: string) => void): Promise<void>;
  close(): void;
}

/** Replies come as bytes: what is in them is no text. */
const asBytes = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } };

/** Whatever NODE_TLS_REJECT_UNAUTHORIZED says: what a wrong server answers once, a cache answers to all. */
const verified = { tls: true, rejectUnauthorized: true } as const;

/**
 * Connects, and asks for a sign of life: a server that is frozen accepts connections, too.
 *
 * @param onLost Called once, when an open connection is gone by itself.
 */
export async function connect(
  endpoint: Endpoint,
  withinMs: number,
  onLost: (reason: Error) => void,
): Promise<Connection> {
  const { host, port, tls, username, password, database } = endpoint;
  const client = createClient({
    RESP: 2,
    socket: { host, port, ...(tls ? verified : {}), connectTimeout: withinMs, reconnectStrategy: false },
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    database,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
  });
  let isOpen = false;
  let lost: Error | undefined;
  const lose = (reason: Error): void => {
    lost ??= reason;
    client.destroy();
    if (isOpen) onLost(reason);
    isOpen = false;
  };
  client.on('error', lose);
  const opening = client.connect().then(() => client.sendCommand(['PING']));
  try {
    await within(opening, withinMs, `no answer from ${nameOf(endpoint)}`);
  } catch (error) {
    client.destroy();
    // Why it was lost says more than that nothing more can be said on it.
    return refuse(error instanceof ErrorReply ? error : reasonOf(lost ?? error, endpoint));
  }
  isOpen = true;
  return {
    send: (command) => client.sendCommand(command, asBytes).catch(refuse),
    subscribe: (channels, listener) => client.subscribe([...channels], listener).then(() => undefined, refuse),
    close() {
      isOpen = false;
      client.destroy();
    },
  };
}

function refuse(error: unknown): never {
  throw error instanceof ErrorReply ? new RedisRefusal(withoutArguments(error.message)) : error;
}

/** What is not known there may have been what was to prove who asks, and is said again with all of it. */
function withoutArguments(message: string): string {
  return message.replace(/,? ?with args beginning with.*$/is, '');
}

/** Why there is no connection, in our words where those of the client say less. */
function reasonOf(error: unknown, endpoint: Endpoint): unknown {
  if (error instanceof ConnectionTimeoutError) return new RedisTimeout(`no answer from ${nameOf(endpoint)}`);
  if (error instanceof SocketClosedUnexpectedlyError || (error as NodeJS.ErrnoException).code === 'ECONNRESET') {
    return new RedisSilence(`${nameOf(endpoint)} has closed the connection before it answered`);
  }
  return error;
}

/** The result, or an error after so long. What comes later is nobody's any more. */
export function within<T>(result: Promise<T>, ms: number, complaint: string): Promise<T> {
  return new Promise((resolve, reject) => {
    // Where this process was busy for long, the answer is here, and only has to be read.
    const timer = setTimeout(() => setImmediate(() => reject(new RedisTimeout(complaint))), ms);
    result.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** That a connection was closed before anything was answered on it. */
export class RedisSilence extends Error {
  override readonly name = 'RedisSilence';
}

/** That something took too long. */
export class RedisTimeout extends Error {
  override readonly name = 'RedisTimeout';
}
