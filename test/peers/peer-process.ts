import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../free-port.ts';
import type { Peer, PeerPlace } from './peer.ts';

/** A server that runs as a process of its own. */
export interface RunningServer {
  readonly url: string;
  /** Of its first process, which may have children. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** How a peer is to run here, where it matters. */
export interface PeerStart {
  /** A command that the peer is run by, such as `taskset -c 0`. */
  readonly launcher?: readonly string[];
  /** In which folder its own is made. */
  readonly below?: string;
}

const tests = fileURLToPath(new URL('..', import.meta.url));

/** How long a peer may take to listen, and then to end. */
const startMs = 20_000;
const stopMs = 5_000;
const betweenLooksMs = 5;

/** Starts a peer before an origin on the loopback address, with nothing stored. Rejects when it does not come to listen. */
export async function startPeer(peer: Peer, originPort: number, how: PeerStart = {}): Promise<RunningServer> {
  const folder = mkdtempSync(join(how.below ?? tmpdir(), 'etagere-peer-'));
  const place = { folder, port: await freePort() };
  for (const name of peer.folders) mkdirSync(join(folder, name));
  const places = { folder, port: String(place.port), originPort: String(originPort) };
  fillIn(join(tests, peer.templates), folder, { ...places, ...peer.values?.(place) });
  // Most of them give up root's rights, and still have to write here.
  for (const path of [folder, ...peer.folders.map((name) => join(folder, name))]) chmodSync(path, 0o777);
  const started = new PeerProcess(peer, place, how.launcher ?? []);
  try {
    await started.listening();
  } catch (error) {
    await started.stop();
    throw error;
  }
  return { url: `http://127.0.0.1:${place.port}`, pid: started.pid, stop: () => started.stop() };
}

function fillIn(template: string, folder: string, values: Readonly<Record<string, string>>): void {
  const files = statSync(template).isDirectory()
    ? readdirSync(template).map((name) => join(template, name))
    : [template];
  for (const file of files) {
    const text = readFileSync(file, 'utf8').replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? '');
    writeFileSync(join(folder, basename(file)), text);
  }
}

/** In a process group of its own, as some of them have children; all of it is gone when this program is. */
class PeerProcess {
  readonly #place: PeerPlace;
  readonly #peer: Peer;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #said: string[] = [];
  readonly #kill = (): void => this.#signal('SIGKILL');
  #running = true;

  constructor(peer: Peer, place: PeerPlace, launcher: readonly string[]) {
    this.#peer = peer;
    this.#place = place;
    const [command = peer.program, ...args] = [...launcher, peer.program, ...peer.args(place)];
    this.#child = spawn(command, args, {
      cwd: place.folder,
      detached: true,
      env: { ...process.env, ...peer.variables?.(place) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.#said.push(text));
    }
    process.once('exit', this.#kill);
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => this.#said.push(error.message));
      this.#child.once('close', () => {
        this.#running = false;
        resolve();
      });
    });
  }

  /** @throws Error when it never ran. */
  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error(`${this.#peer.name} does not run`);
    return pid;
  }

  async listening(): Promise<void> {
    const deadline = performance.now() + startMs;
    while (!(await accepts(this.#place.port))) {
      if (!this.#running || performance.now() > deadline) {
        throw new Error(`${this.#peer.name} does not listen:\n${this.#said.join('').slice(-2_000)}`);
      }
      await delay(betweenLooksMs);
    }
  }

  async stop(): Promise<void> {
    this.#signal('SIGTERM');
    const timer = setTimeout(this.#kill, stopMs);
    await this.#ended;
    clearTimeout(timer);
    this.#kill();
    process.off('exit', this.#kill);
    rmSync(this.#place.folder, { recursive: true, force: true });
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // Nothing of it is left.
    }
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
