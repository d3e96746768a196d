import { Socket } from 'node:net';
import { checkServerIdentity, type ConnectionOptions, createSecureContext } from 'node:tls';
import { buildConnector, Client, type Dispatcher, Pool } from 'undici';
import { EtagereError } from '../errors.ts';
import { certificateNames } from '../http/certificate-names.ts';
import { ConnectionWatch } from './connection-watch.ts';
import { InProgress } from './in-progress.ts';
import type { Origin, OriginCall, OriginHandler, OriginRequest, OriginStats } from './origin.ts';
import type { UnknownCodings } from './origin-response.ts';
import { OriginExchange, type Sender } from './origin-exchange.ts';

/** Where the origin is and what it may cost. Times finer than a second are rounded up to about a second. */
export interface UndiciOriginOptions {
  /** `http` or `https`; a path is not looked at. */
  readonly url: string;
  /** Connections at once, and so requests at once: there is one request on a connection at a time. */
  readonly connections: number;
  /** Requests that wait for a connection; one more is refused with ORIGIN_BUSY. */
  readonly queue: number;
  /** How long a request waits for a connection; then it is refused with ORIGIN_BUSY. */
  readonly queueTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** From the request sent to the response head. */
  readonly headTimeoutMs: number;
  /** Between two pieces of content; it stands still while the caller has paused. */
  readonly bodyIdleTimeoutMs: number;
  /** Longest head of a response. */
  readonly headBytes: number;
  /** Interim responses before a response. */
  readonly interimResponses: number;
  /** What to do about a response with a transfer coding that is not registered; refused unless told otherwise. */
  readonly unknownCodings?: UnknownCodings;
  /** Certificates in PEM that are trusted instead of the usual authorities. */
  readonly ca?: string;
  /** With its key, both in PEM: shown where the origin asks for one. */
  readonly certificate?: { readonly cert: string; readonly key: string };
  /** The name that is asked for in TLS, and that the certificate of the origin has to be for; by default the host in the URL. */
  readonly serverName?: string;
  /** Is told where the certificate of a server, which is trusted, is not for the name that was asked for but for these. */
  readonly onOtherName?: (asked: string, names: string) => void;
}

/** How long the first of a queue may have waited, as a share of how long it may wait, while the first is served first. */
const standingShare = 1 / 20;

/** Options of undici that carry our exchange to the client which the pool picks. `servername` is missing from its types. */
interface Dispatched extends Dispatcher.DispatchOptions {
  readonly exchange: OriginExchange;
  readonly servername: string;
}

/** A client of the pool, that is one connection, with a watch on it. */
class WatchedClient extends Client {
  readonly #watch: ConnectionWatch;

  constructor(url: URL, options: Client.Options, connect: buildConnector.connector) {
    const watch = new ConnectionWatch();
    super(url, { ...options, connect: watched(connect, watch) });
    this.#watch = watch;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    (options as Dispatched).exchange.assigned(this.#watch);
    return super.dispatch(options, handler);
  }
}

/** Connects to the name in the URL: undici would take the name for TLS from Host, which a client may choose. */
function watched(connect: buildConnector.connector, watch: ConnectionWatch): buildConnector.connector {
  return ({ hostname, host, protocol, port }, callback) => {
    connect({ hostname, protocol, port, ...(host === undefined ? {} : { host }) }, (...[error, socket]) => {
      if (error !== null) callback(error, null);
      else watch.watch(socket, () => callback(null, socket));
    });
  };
}

/** Keeps what is on its way to a connection in `connecting`: undici has no hand on it, and an address that does not answer would hold up the end. */
function remembering(connect: buildConnector.connector, connecting: Set<Socket>): buildConnector.connector {
  return (options, callback) => {
    const socket = connect(options, (...result) => {
      if (socket instanceof Socket) connecting.delete(socket);
      callback(...result);
    }) as unknown;
    if (socket instanceof Socket) connecting.add(socket);
  };
}

/**
 * The next hop over undici: HTTP/1.1 only, one request on a connection at a time, no redirects, no trailers. Undici keeps idle
 * connections for four seconds, or for as long as the origin's Keep-Alive says.
 *
 * Requests wait here and not in undici, where one that waits can't be given up.
 */
export class UndiciOrigin implements Origin, Sender {
  readonly url: string;
  readonly unknownCodings: UnknownCodings;
  readonly interimResponses: number;
  readonly #options: UndiciOriginOptions;
  readonly #pool: Pool;
  readonly #waiting = new InProgress<OriginExchange>();
  readonly #active = new InProgress<OriginExchange>();
  readonly #connecting = new Set<Socket>();
  #isClosed = false;
  #closed: Promise<void> | undefined;

  /** @throws TypeError when the URL is none. */
  constructor(options: UndiciOriginOptions) {
    this.url = new URL(options.url).origin;
    this.unknownCodings = options.unknownCodings ?? 'refuse';
    this.interimResponses = options.interimResponses;
    this.#options = options;
    this.#pool = createPool(this.url, options, this.#connecting);
  }

  request(request: OriginRequest, handler: OriginHandler): OriginCall {
    const exchange = new OriginExchange(request, handler, this);
    if (this.#isClosed) {
      refuse(exchange, closing());
    } else if (this.#active.size < this.#options.connections) {
      this.#start(exchange);
    } else if (this.#waiting.size < this.#options.queue) {
      this.#wait(exchange);
    } else {
      refuse(exchange, new EtagereError('ORIGIN_BUSY', `${this.#waiting.size} requests wait already`));
    }
    return exchange;
  }

  stats(): OriginStats {
    return { active: this.#active.size, queued: this.#waiting.size };
  }

  close(): Promise<void> {
    this.#closed ??= this.#breakOff();
    return this.#closed;
  }

  async #breakOff(): Promise<void> {
    // What hears of its end may ask anew at once: that must find us closed.
    this.#isClosed = true;
    for (const exchange of this.#waiting.all()) {
      this.withdraw(exchange);
      exchange.fail(closing());
    }
    for (const exchange of this.#active.all()) exchange.fail(closing());
    for (const socket of this.#connecting) socket.destroy();
    await this.#pool.destroy();
  }

  #start(exchange: OriginExchange): void {
    this.#active.add(exchange);
    this.send(exchange);
  }

  /**
   * In a microtask, because undici reports some errors at once, before `request()` could return; and because it must not be given
   * a request while it is failing another.
   */
  send(exchange: OriginExchange): void {
    exchange.attempt();
    queueMicrotask(() => {
      if (exchange.done) this.settle(exchange);
      else this.#pool.dispatch(this.#dispatched(exchange), exchange);
    });
  }

  #dispatched(exchange: OriginExchange): Dispatched {
    const { method, target, fields, content } = exchange.request;
    return {
      method,
      path: target,
      headers: fields as readonly string[] as string[],
      body: content,
      // The same for all requests: a change would cost the connection. It goes no further than `watched`.
      servername: this.url,
      exchange,
    };
  }

  #wait(exchange: OriginExchange): void {
    const { queueTimeoutMs } = this.#options;
    this.#waiting.add(exchange);
    exchange.waitingSince = performance.now();
    exchange.timer = setTimeout(() => {
      this.#waiting.delete(exchange);
      exchange.fail(new EtagereError('ORIGIN_BUSY', `no connection was free for ${queueTimeoutMs} ms`));
    }, queueTimeoutMs).unref();
  }

  withdraw(exchange: OriginExchange): void {
    clearTimeout(exchange.timer);
    this.#waiting.delete(exchange);
  }

  /**
   * Whose turn it is: the first. But where that has waited for long, more is asked for than the origin can do, and all would wait so long that many have gone when they are answered, so that what the
   * origin did is for nobody: then the last, which is answered at once. The others wait until there is less, or their time is over.
   */
  #next(): OriginExchange | undefined {
    const { first, last } = this.#waiting;
    const isStanding =
      first !== undefined && performance.now() - first.waitingSince > this.#options.queueTimeoutMs * standingShare;
    return isStanding ? last : first;
  }

  settle(exchange: OriginExchange): void {
    this.#active.delete(exchange);
    const next = this.#next();
    if (next === undefined) return;
    this.withdraw(next);
    this.#start(next);
  }
}

function createPool(origin: string, options: UndiciOriginOptions, connecting: Set<Socket>): Pool {
  const connector = buildConnector({
    timeout: options.connectTimeoutMs,
    allowH2: false,
    ...tlsOptions(options),
  });
  const connect = remembering(connector, connecting);
  const clientOptions: Client.Options = {
    pipelining: 1,
    allowH2: false,
    strictContentLength: true,
    headersTimeout: options.headTimeoutMs,
    bodyTimeout: options.bodyIdleTimeoutMs,
    maxHeaderSize: options.headBytes,
  };
  return new Pool(origin, {
    connections: options.connections,
    factory: (url) => new WatchedClient(url, clientOptions, connect),
  });
}

/**
 * An origin that can't show who it is gets no request, whatever NODE_TLS_REJECT_UNAUTHORIZED says: what one wrong server answers once, a cache answers to all. Whatever is trusted is so as it is, be it a
 * root, an authority below one, or the certificate of the origin itself.
 */
function tlsOptions({
  ca,
  certificate,
  serverName,
  onOtherName,
}: UndiciOriginOptions): Pick<
  ConnectionOptions,
  'rejectUnauthorized' | 'servername' | 'secureContext' | 'checkServerIdentity'
> {
  const own = {
    ...(certificate && { cert: certificate.cert, key: certificate.key }),
    ...(ca === undefined ? {} : { ca, allowPartialTrustChain: true }),
  };
  return {
    rejectUnauthorized: true,
    checkServerIdentity(asked, shown) {
      const error = checkServerIdentity(asked, shown);
      if (error !== undefined) onOtherName?.(asked, certificateNames(shown));
      return error;
    },
    ...(serverName === undefined ? {} : { servername: serverName }),
    // Read once, and not for each connection.
    ...(Object.keys(own).length === 0 ? {} : { secureContext: createSecureContext(own) }),
  };
}

function closing(): EtagereError {
  return new EtagereError('CLOSING', 'no request goes to the origin any more');
}

function refuse(exchange: OriginExchange, error: EtagereError): void {
  queueMicrotask(() => exchange.fail(error));
}
