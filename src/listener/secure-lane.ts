import type { Socket } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import type { RequestHandler } from '../engine/exchange.ts';
import { EtagereError } from '../errors.ts';
import { socketBeneath } from './beneath.ts';
import { type Certificate, CertificatesByName, secureContextOptions } from './certificates.ts';
import { Http2Lane } from './http2-lane.ts';
import type { Http2Parts } from './http2-connection.ts';
import type { Lane } from './lane.ts';

export interface SecureLaneOptions extends Omit<Http2Parts, 'handler' | 'encodeTarget'> {
  /** Answers whoever speaks without TLS, and ends the connection. */
  readonly refuse: (plain: Socket, error: EtagereError) => void;
  readonly encodeTarget?: boolean;
  /** One at least; the first is for clients that ask for a name of none. */
  readonly certificates: readonly Certificate[];
}

/** What a request without TLS may begin with (RFC 9112 §2.2, §3): a letter of its method, or an empty line. No record of TLS does. */
const plainBeginning = /^[A-Za-z\r\n]/;

/** Connections under TLS: what becomes of them once the handshake is done, their client chooses (RFC 7301). */
export class SecureLane implements Lane {
  readonly #http1: Lane;
  readonly #http2: Http2Lane;
  readonly #server: Server;
  readonly #headTimeoutMs: number;
  readonly #refuse: SecureLaneOptions['refuse'];
  /** On which the handshake is under way. */
  readonly #shaking = new Set<Socket>();
  /** On which there is none, as they are told. */
  readonly #plain = new Set<Socket>();
  #certificates: readonly Certificate[];
  #byName: CertificatesByName;

  /** @param http1 Takes those over HTTP/1.1; who has it lets it begin and end. */
  constructor(handler: RequestHandler, options: SecureLaneOptions, http1: Lane) {
    const { certificates, encodeTarget = false, limits, refuse } = options;
    this.#http1 = http1;
    this.#headTimeoutMs = limits.clientHeadTimeoutMs;
    this.#refuse = refuse;
    this.#http2 = new Http2Lane({ ...options, handler, encodeTarget });
    this.#certificates = certificates;
    this.#byName = new CertificatesByName(certificates);
    const [first] = certificates;
    this.#server = createServer({
      ...(first === undefined ? {} : secureContextOptions(first)),
      ALPNProtocols: ['h2', 'http/1.1'],
      SNICallback: (name, callback) => callback(null, this.#byName.contextFor(name)),
      handshakeTimeout: limits.clientHeadTimeoutMs,
    });
    this.#server.on('secureConnection', (socket) => {
      socket.on('error', () => undefined);
      const carrier = socketBeneath(socket);
      if (carrier !== undefined) this.#shaking.delete(carrier);
      socket.allowHalfOpen = true;
      // A client that offers no protocol speaks HTTP/1.1.
      (socket.alpnProtocol === 'h2' ? this.#http2 : this.#http1).enter(socket);
    });
    this.#server.on('tlsClientError', (_, socket) => socket.destroy());
  }

  begin(): void {
    this.#http2.begin();
  }

  enter(accepted: Socket): Socket {
    this.#shaking.add(accepted);
    accepted.on('error', () => undefined);
    accepted.once('close', () => this.#shaking.delete(accepted));
    // Who leaves before the handshake is done has nothing to read.
    accepted.allowHalfOpen = false;
    const giveUp = (): void => void accepted.destroy();
    accepted.setTimeout(this.#headTimeoutMs, giveUp);
    accepted.once('readable', () => {
      accepted.setTimeout(0, giveUp);
      this.#begin(accepted);
    });
    return accepted;
  }

  /** Something has come, or the end. */
  #begin(accepted: Socket): void {
    const first: unknown = accepted.read();
    if (!Buffer.isBuffer(first)) {
      accepted.destroy();
    } else if (plainBeginning.test(first.toString('latin1', 0, 1))) {
      this.#shaking.delete(accepted);
      this.#plain.add(accepted);
      accepted.once('close', () => this.#plain.delete(accepted));
      accepted.allowHalfOpen = true;
      this.#refuse(accepted, new EtagereError('REQUEST_NOT_TLS', 'ask this address by https'));
    } else {
      accepted.unshift(first);
      this.#server.emit('connection', accepted);
    }
  }

  /** Shows these from now on; connections that there are go on. The same ones once more change nothing: what clients could resume they still can. */
  certify(certificates: readonly Certificate[]): void {
    const [first] = certificates;
    if (first === undefined || isDeepStrictEqual(certificates, this.#certificates)) return;
    this.#certificates = certificates;
    this.#byName = new CertificatesByName(certificates);
    this.#server.setSecureContext(secureContextOptions(first));
  }

  retire(): void {
    this.#http2.retire();
  }

  drain(): void {
    // Nothing was asked on them.
    for (const socket of this.#shaking) socket.destroy();
    this.#http2.drain();
  }

  destroy(): void {
    for (const socket of this.#shaking) socket.destroy();
    for (const socket of this.#plain) socket.destroy();
    this.#http2.destroy();
  }

  end(): void {
    this.#http2.end();
  }
}
