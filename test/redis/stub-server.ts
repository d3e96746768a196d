import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

/** What the stub does with a command that is not part of how a connection begins: these bytes, nothing at all, or the end of the connection, after some bytes perhaps. */
export type Answer = string | { readonly bytes: string; readonly ends: true } | undefined;

/** A server that speaks as Redis does until a connection is in use, and then says what a test wants. */
export class StubServer {
  /** What is answered from now on, by the name of the command. */
  answer: (command: string) => Answer = () => '-ERR nothing is known here\r\n';
  /** Whether it takes connections, and whatever is sent there, and answers nothing. */
  isFrozen = false;
  /** Whether it answers those who want to hear what is published. */
  takesListeners = true;
  /** Connections that were begun. */
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor() {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async start(): Promise<StubServer> {
    const stub = new StubServer();
    await new Promise<void>((resolve) => {
      stub.#server.listen(0, '127.0.0.1', resolve);
    });
    return stub;
  }

  get url(): string {
    const address = this.#server.address();
    return `redis://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  /** Resolves when so many connections were begun. */
  async connected(connections: number): Promise<void> {
    while (this.connections < connections) await once(this.#server, 'connection');
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  #serve(socket: Socket): void {
    this.connections++;
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    let unread = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      unread += chunk;
      for (;;) {
        const { command, rest } = commandOf(unread);
        if (command === undefined) return;
        unread = rest;
        this.#reply(socket, command);
      }
    });
  }

  #reply(socket: Socket, [name = '', ...args]: readonly string[]): void {
    if (this.isFrozen) return;
    if (name === 'PING') socket.write('+PONG\r\n');
    else if (name.toUpperCase() === 'SUBSCRIBE') {
      if (!this.takesListeners) return;
      for (const [at, channel] of args.entries()) {
        socket.write(`*3\r\n$9\r\nsubscribe\r\n$${channel.length}\r\n${channel}\r\n:${at + 1}\r\n`);
      }
    } else {
      const answer = this.answer(name);
      if (typeof answer === 'string') socket.write(answer, 'latin1');
      else if (answer !== undefined) socket.end(answer.bytes, 'latin1');
    }
  }
}

/** The first of the commands that a client has sent, and what comes after it. */
function commandOf(text: string): { command: readonly string[] | undefined; rest: string } {
  const head = /^\*(\d+)\r\n/.exec(text);
  if (head === null) return { command: undefined, rest: text };
  const command: string[] = [];
  let at = head[0].length;
  for (let left = Number(head[1]); left > 0; left--) {
    const length = /^\$(\d+)\r\n/.exec(text.slice(at, at + 32));
    if (length === null) return { command: undefined, rest: text };
    const start = at + length[0].length;
    at = start + Number(length[1]) + 2;
    if (at > text.length) return { command: undefined, rest: text };
    command.push(text.slice(start, at - 2));
  }
  return { command, rest: text.slice(at) };
}
