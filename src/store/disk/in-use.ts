import { randomBytes } from 'node:crypto';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { codeOf, type Files } from './files.ts';
import type { Layout } from './layout.ts';

/** Addresses of sockets are no longer than that, in bytes, on any system. */
const longestAddress = 100;

/** Of a name in the directory, in bytes. */
const longestName = 24;

const openedFiles = '/proc/self/fd';

/** What says that nobody listens at a socket; after anything else somebody may. */
const unanswered = new Set<string | undefined>(['ECONNREFUSED', 'ENOENT', 'ENOTSOCK']);

/** Shows who has a shelf open, by a socket of each process that has: the system ends that with the process, however it ends, and answers also where the number of a process says nothing, as from one container to another. */
export class InUse {
  readonly #files: Files;
  readonly #layout: Layout;
  #descriptor: number | undefined;
  /** By which sockets there are addressed; undefined where they can't be. */
  #folder: string | undefined;
  #shown: { readonly server: Server; readonly path: string } | undefined;

  private constructor(files: Files, layout: Layout) {
    this.#files = files;
    this.#layout = layout;
  }

  /** Shows it for whoever has that token, where there can be sockets. */
  static async show(files: Files, layout: Layout, token: string): Promise<InUse> {
    const inUse = new InUse(files, layout);
    try {
      await inUse.#findFolder();
      await inUse.#show(token);
      return inUse;
    } catch (error) {
      await inUse.hide();
      throw error;
    }
  }

  /** Whether this process shows it. */
  get isShown(): boolean {
    return this.#shown !== undefined;
  }

  /** Whether anybody with that token shows it; undefined where nobody can be asked. */
  async isShownBy(token: string): Promise<boolean | undefined> {
    if (this.#folder === undefined) return undefined;
    const names = (await this.#files.list(this.#layout.inUse)).filter((name) => name.startsWith(signOf(token)));
    return (await Promise.all(names.map((name) => this.#isAnswered(name)))).includes(true);
  }

  /** Takes away what those have left who were killed. */
  async sweep(): Promise<void> {
    if (this.#folder === undefined) return;
    for (const name of await this.#files.list(this.#layout.inUse)) {
      if (!signPattern.test(name) || (await this.#isAnswered(name))) continue;
      await this.#files.unlink(join(this.#layout.inUse, name)).catch(() => {});
    }
  }

  /** Shows it no more. */
  async hide(): Promise<void> {
    const { server, path } = this.#shown ?? {};
    this.#shown = undefined;
    server?.close();
    if (path !== undefined) await this.#files.unlink(path).catch(() => {});
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) await this.#files.close(descriptor).catch(() => {});
  }

  /** By its path, or where that is too long by the directory opened, where the system has that. */
  async #findFolder(): Promise<void> {
    const { inUse } = this.#layout;
    if (Buffer.byteLength(inUse) + 1 + longestName <= longestAddress) {
      this.#folder = inUse;
    } else if ((await this.#files.facts(openedFiles)) !== undefined) {
      this.#descriptor = await this.#files.openToRead(inUse);
      this.#folder = `${openedFiles}/${this.#descriptor}`;
    }
  }

  async #show(token: string): Promise<void> {
    if (this.#folder === undefined) return;
    const { inUse } = this.#layout;
    const drawn = randomBytes(4).toString('hex');
    const begun = `begun-${drawn}`;
    const server = createServer((socket) => socket.destroy()).unref();
    if (!(await isListening(server, join(this.#folder, begun)))) return;
    const path = join(inUse, `${signOf(token)}${drawn}`);
    this.#shown = { server, path };
    // Only then under its name: for a moment it is there, and refuses.
    await this.#files.rename(join(inUse, begun), path);
  }

  #isAnswered(name: string): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(join(this.#folder ?? '', name));
      socket.on('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', (error) => resolve(!unanswered.has(codeOf(error))));
    });
  }
}

function signOf(token: string): string {
  return `${token.slice(0, 12)}-`;
}

/** Not of one that is just beginning. */
const signPattern = /^(?!begun-).*-[0-9a-f]{8}$/;

/** False where there can be no socket. */
function isListening(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    server.on('error', () => resolve(false));
    // Not by way of the process that has begun this one, as workers listen otherwise.
    server.listen({ path, exclusive: true }, () => resolve(true));
  });
}
