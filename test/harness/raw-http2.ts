import type { TLSSocket } from 'node:tls';

/** Types of frames (RFC 9113 §6). */
export const frameTypes = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const endStream = 0x1;
export const endHeaders = 0x4;

/** Error codes (RFC 9113 §7). */
export const refusedStream = 0x7;
export const cancel = 0x8;
export const enhanceYourCalm = 0xb;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Field lines as literals that nobody is to remember (RFC 7541 §6.2.2), names and values byte by byte as they stand there (latin1). */
export function fieldBlock(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]));
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const length = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) + 128);
  return Buffer.concat([Buffer.from([...length, rest]), bytes]);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** The fields that a request has to have. */
export function requestFields(path = '/', more: readonly (readonly [string, string])[] = []): [string, string][] {
  const pseudo: [string, string][] = [
    [':method', 'GET'],
    [':scheme', 'https'],
    [':authority', 'shop.test'],
    [':path', path],
  ];
  return [...pseudo, ...more.map(([name, value]): [string, string] => [name, value])];
}

/** A client that knows frames, and no rules. */
export class RawHttp2 {
  readonly socket: TLSSocket;
  /** What has come, whole frames alone. */
  readonly frames: Frame[] = [];
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>;
  #rest = Buffer.alloc(0);
  #waiters: (() => void)[] = [];

  /** Sends the preface, and settings that say nothing. */
  constructor(socket: TLSSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        resolve();
        this.#wake();
      });
    });
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.send(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1'), frame(frameTypes.settings, 0, 0));
  }

  send(...pieces: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(pieces));
  }

  /** A request without content. */
  request(stream: number, fields: readonly (readonly [string, string])[], flags = endHeaders | endStream): void {
    this.send(frame(frameTypes.headers, flags, stream, fieldBlock(fields)));
  }

  /** Of that type, on that stream. */
  of(type: number, stream?: number): Frame[] {
    return this.frames.filter((each) => each.type === type && (stream === undefined || each.stream === stream));
  }

  /** Whether a stream is over: by its end, or by a reset. */
  isOver(stream: number): boolean {
    const { data, headers, reset } = frameTypes;
    return this.frames.some(
      ({ type, flags, stream: of }) =>
        of === stream && (type === reset || ((type === data || type === headers) && (flags & endStream) !== 0)),
    );
  }

  /** The code of the last GOAWAY; undefined where none came. */
  get goneAway(): number | undefined {
    return this.of(frameTypes.goaway).at(-1)?.payload.readUInt32BE(4);
  }

  /** Resolves once that holds, or the connection is closed. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition() && !this.socket.closed) {
      await new Promise<void>((resolve) => {
        this.#waiters.push(resolve);
      });
    }
  }

  #receive(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 9) {
      const end = 9 + this.#rest.readUIntBE(0, 3);
      if (this.#rest.length < end) break;
      this.frames.push({
        type: this.#rest.readUInt8(3),
        flags: this.#rest.readUInt8(4),
        stream: this.#rest.readUInt32BE(5),
        payload: Buffer.from(this.#rest.subarray(9, end)),
      });
      this.#rest = this.#rest.subarray(end);
    }
    this.#wake();
  }

  #wake(): void {
    for (const waiter of this.#waiters.splice(0)) waiter();
  }
}
