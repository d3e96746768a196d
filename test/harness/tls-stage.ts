import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type ClientHttp2Session, connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { EtagereOptions } from '../../src/index.ts';
import { certificate, certificateKey } from '../unit/origin/certificate.ts';
import { atEnd, type ProxyStage, proxyStage } from './proxy-stage.ts';
import { RawHttp2 } from './raw-http2.ts';
import type { Answerer } from './recording-origin.ts';

/** A stage whose Etagere is asked over TLS. */
export interface TlsStage extends ProxyStage {
  /** A connection whose handshake is done. */
  readonly secure: (protocols: readonly string[], options?: ConnectionOptions) => Promise<TLSSocket>;
  readonly http2: () => ClientHttp2Session;
  /** A client of HTTP/2 that knows frames, and no rules. */
  readonly frames: () => Promise<RawHttp2>;
  readonly certFile: string;
  readonly keyFile: string;
}

/** A folder with that certificate and its key; it is gone when the test is over. */
export async function certificateFiles(
  cert = certificate,
  key = certificateKey,
): Promise<{ readonly certFile: string; readonly keyFile: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'etagere-tls-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  await writeFile(certFile, cert);
  await writeFile(keyFile, key);
  return { certFile, keyFile };
}

/** Begins one; all of it ends with the test. */
export async function tlsStage(answer: Answerer, options: Partial<EtagereOptions> = {}): Promise<TlsStage> {
  const { certFile, keyFile } = await certificateFiles();
  const stage = await proxyStage(answer, { tlsCert: certFile, tlsKey: keyFile, ...options });
  const secure: TlsStage['secure'] = async (protocols, more = {}) => {
    const socket = connect({
      port: stage.port,
      host: '127.0.0.1',
      servername: 'localhost',
      ca: certificate,
      ALPNProtocols: [...protocols],
      ...more,
    });
    atEnd(() => socket.destroy());
    socket.on('error', () => undefined);
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', () => resolve());
      socket.once('close', () => reject(new Error('closed within the handshake')));
    });
    return socket;
  };
  const http2 = (): ClientHttp2Session => {
    const session = connectHttp2(`https://localhost:${stage.port}`, { ca: certificate, lookup: toLoopback });
    session.on('error', () => undefined);
    atEnd(() => session.destroy());
    return session;
  };
  const frames = async (): Promise<RawHttp2> => new RawHttp2(await secure(['h2']));
  return { ...stage, secure, http2, frames, certFile, keyFile };
}

type Lookup = NonNullable<ConnectionOptions['lookup']>;

const toLoopback: Lookup = (_, { all }, callback) => {
  if (all === true) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
};

/** A response of HTTP/2 to its end. */
export interface Http2Response {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly content: string;
}

/** Asks on a session; rejects with the error of the stream. */
export function ask(
  session: ClientHttp2Session,
  headers: Readonly<Record<string, string | string[]>>,
  content?: string | Buffer,
): Promise<Http2Response> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: content === undefined });
    let received: IncomingHttpHeaders | undefined;
    let text = '';
    let isEnded = false;
    stream.on('response', (head) => {
      received = head;
    });
    stream.setEncoding('latin1');
    stream.on('data', (chunk: string) => {
      text += chunk;
    });
    stream.on('end', () => {
      isEnded = true;
    });
    stream.on('error', reject);
    stream.on('close', () => {
      if (received === undefined || !isEnded) reject(new Error(`reset with ${String(stream.rstCode)}`));
      else resolve({ status: Number(received[':status']), headers: received, content: text });
    });
    if (content !== undefined) stream.end(content);
  });
}
