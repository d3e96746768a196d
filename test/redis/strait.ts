import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a server that can be cut, made slow, and led to another one. */
export class Strait {
  /** By so much what the server says is late, in ms; what is under way already keeps its time. */
  lateMs = 0;
  /** The most that the server was sent at once and has answered nothing after, in bytes, over all connections. */
  mostUnanswered = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port: number;
  #isCut = false;
  #crossings = 0;
  #unanswered = 0;

  private constructor(port: number) {
    this.#port = port;
    this.#server = createServer((near) => {
      if (this.#isCut) near.destroy();
      else this.#cross(near);
    });
  }

  static async to(port: number): Promise<Strait> {
    const strait = new Strait(port);
    strait.#server.listen(0, '127.0.0.1');
    await once(strait.#server, 'listening');
    return strait;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Connections that are open. */
  get crossings(): number {
    return this.#crossings;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  /** Whoever connects from now on comes to that port; who is connected stays where he is. */
  lead(port: number): void {
    this.#port = port;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #cross(near: Socket): void {
    const far = connect({ port: this.#port, host: '127.0.0.1' });
    this.#crossings++;
    let unanswered = 0;
    const answered = (): void => {
      this.#unanswered -= unanswered;
      unanswered = 0;
    };
    near.on('data', (chunk) => {
      // All of it is taken, whatever the server takes: what waits has to be seen here.
      far.write(chunk);
      unanswered += chunk.length;
      this.#unanswered += chunk.length;
      this.mostUnanswered = Math.max(this.mostUnanswered, this.#unanswered);
    });
    const late = new Late(() => this.lateMs);
    far.on('data', (chunk) =>
      late.run(() => {
        answered();
        near.write(chunk);
      }),
    );
    near.on('end', () => far.end());
    far.on('end', () => late.run(() => near.end()));
    near.once('close', () => {
      this.#crossings--;
      answered();
    });
    for (const [each, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(each);
      each.setNoDelay();
      each.on('error', () => undefined);
      each.on('close', (isBroken) => {
        this.#sockets.delete(each);
        if (each === near || isBroken || this.#isCut) other.destroy();
      });
    }
  }
}

/** Has things done late, in their order. */
class Late {
  readonly #ms: () => number;
  #waiting = 0;
  #lastAt = 0;

  constructor(ms: () => number) {
    this.#ms = ms;
  }

  run(done: () => void): void {
    const now = performance.now();
    this.#lastAt = Math.max(this.#lastAt, now + this.#ms());
    if (this.#waiting === 0 && this.#lastAt <= now) {
      done();
      return;
    }
    this.#waiting++;
    setTimeout(() => {
      this.#waiting--;
      done();
    }, this.#lastAt - now);
  }
}
