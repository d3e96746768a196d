import { setTimeout as delay } from 'node:timers/promises';
import { connect, type Socket } from 'node:net';

/** Clients that read a little now and then. */
export interface SlowReaders {
  /** What that one asks for, all at once. */
  targets(index: number): readonly string[];
  readonly count: number;
  readonly seconds: number;
  /** Of head and content: what each is to get. */
  readonly wantedBytes: number;
  /** Whether they read nothing at all before that time is over. */
  readonly lateReaders: boolean;
}

const lookMs = 100;
const pieceBytes = 16 * 1_024;
const patienceMs = 60_000;

/** Lets them be for that long, and until each has got what it is to get; then takes them away. Rejects when one of them has not got it for long. */
export async function readSlowly(url: string, slow: SlowReaders): Promise<void> {
  const { count, seconds, wantedBytes, lateReaders } = slow;
  const { hostname, port, host } = new URL(url);
  const head = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  const heads = (index: number): string => slow.targets(index).map(head).join('');
  const readers = Array.from({ length: count }, (_, index) => new SlowReader(hostname, Number(port), heads(index)));
  const began = performance.now();
  const passedMs = (): number => performance.now() - began;
  const over = (): boolean => passedMs() >= seconds * 1_000;
  const without = (): number => readers.filter(({ bytes }) => bytes < wantedBytes).length;
  try {
    while (!over() || (without() > 0 && passedMs() < patienceMs)) {
      if (over() || !lateReaders) for (const reader of readers) reader.read();
      await delay(lookMs);
    }
    if (without() > 0) throw new Error(`${without()} of ${count} slow readers did not get ${wantedBytes} bytes`);
  } finally {
    for (const reader of readers) reader.leave();
  }
}

class SlowReader {
  readonly #socket: Socket;
  /** So far. */
  bytes = 0;

  constructor(hostname: string, port: number, heads: string) {
    this.#socket = connect({ port, host: hostname });
    // What goes wrong shows in what arrived.
    this.#socket.on('error', () => undefined);
    this.#socket.write(heads);
  }

  read(): void {
    // A socket that holds less gives all that it has, or begins to read.
    const piece = this.#socket.read(Math.min(pieceBytes, this.#socket.readableLength)) as Buffer | null;
    this.bytes += piece?.length ?? 0;
  }

  leave(): void {
    this.#socket.destroy();
  }
}
