import { setTimeout as delay } from 'node:timers/promises';
import { connect, type Socket } from 'node:net';

/** Clients that each ask for something else, and read a little now and then. */
export interface SlowReaders {
  readonly prefix: string;
  readonly count: number;
  readonly seconds: number;
}

const lookMs = 100;
const pieceBytes = 16 * 1_024;
const patienceMs = 60_000;

/** Lets them read for that long, and until each has got something; then takes them away. Rejects when one of them got nothing for long. */
export async function readSlowly(url: string, { prefix, count, seconds }: SlowReaders): Promise<void> {
  const { hostname, port, host } = new URL(url);
  const head = (index: number): string => `GET ${prefix}${index} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  const readers = Array.from({ length: count }, (_, index) => new SlowReader(hostname, Number(port), head(index)));
  const began = performance.now();
  const passedMs = (): number => performance.now() - began;
  const without = (): number => readers.filter(({ bytes }) => bytes === 0).length;
  try {
    while (passedMs() < seconds * 1_000 || (without() > 0 && passedMs() < patienceMs)) {
      for (const reader of readers) reader.read();
      await delay(lookMs);
    }
    if (without() > 0) throw new Error(`${without()} of ${count} slow readers got nothing`);
  } finally {
    for (const reader of readers) reader.leave();
  }
}

class SlowReader {
  readonly #socket: Socket;
  /** So far. */
  bytes = 0;

  constructor(hostname: string, port: number, head: string) {
    this.#socket = connect({ port, host: hostname });
    // What goes wrong shows in what arrived.
    this.#socket.on('error', () => undefined);
    this.#socket.write(head);
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
