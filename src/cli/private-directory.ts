import { mkdirSync, mkdtempSync, rename, rmSync } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';

const prefix = 'etagere-workers-shelf-';

/** A socket at which whoever uses such a directory listens. One that nobody listens at has been left by a process that was killed. */
const sign = 'in-use';

/** A directory that only its owner can read, and that is gone with the process. What processes that were killed have left of the kind is taken away where another is made. */
export class PrivateDirectory {
  /** The place within it for what is kept. */
  readonly path: string;
  readonly #whole: string;
  readonly #inUse: Server;

  /**
   * @param parent where it is made, such as the directory for temporary files
   * @throws the system's error where there can be none.
   */
  constructor(parent: string) {
    this.#whole = mkdtempSync(join(parent, prefix));
    this.path = join(this.#whole, 'shelf');
    mkdirSync(this.path, { mode: 0o700 });
    this.#inUse = shownInUse(this.#whole);
    void removeLeft(parent);
  }

  /** Takes it away. What somebody is still writing there may stay behind, and is left for whoever makes the next one. */
  remove(): void {
    try {
      rmSync(this.path, { recursive: true, force: true });
      rmSync(this.#whole, { recursive: true, force: true });
    } catch {
      // It shows that it is not in use any more.
    }
    this.#inUse.close();
  }
}

/** Removes what processes of the same user have left there that are no more. Never rejects. */
export async function removeLeft(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(prefix))) {
    const whole = join(parent, name);
    try {
      const found = await lstat(whole);
      if (found.isDirectory() && found.uid === process.getuid?.() && (await isLeft(whole)))
        await rm(whole, { recursive: true, force: true });
    } catch {
      // It is gone already, or is not ours to remove.
    }
  }
}

/** Where a socket can't be, as on some file systems, there is no sign: then what is left stays. */
function shownInUse(whole: string): Server {
  const beginning = join(whole, 'begun');
  const server = createServer((socket) => socket.destroy());
  server.on('error', () => undefined);
  // Only then under its name: for a moment it is there, and refuses.
  server.listen(beginning, () => rename(beginning, join(whole, sign), () => undefined));
  return server.unref();
}

function isLeft(whole: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(join(whole, sign));
    socket.on('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}
