import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../free-port.ts';
import type { PackagedProgram } from '../peers/packages.ts';

/** Debian's Redis. */
export const redisServer: PackagedProgram = { debianPackage: 'redis-server', program: '/usr/bin/redis-server' };
const redisClient = '/usr/bin/redis-cli';

/** Whether there is a Redis to hold something against; says so where there is none. */
export const hasRedis = existsSync(redisServer.program);
if (!hasRedis)
  console.error('SKIPPED  nothing is held against Redis: there is none here (apt-get install redis-server)');

const startMs = 20_000;
const betweenLooksMs = 5;
const attempts = 5;

/** A Redis with a folder of its own, on the loopback address. */
export class RedisProcess {
  readonly port: number;
  readonly #folder: string;
  readonly #launcher: readonly string[];
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;

  private constructor(port: number, launcher: readonly string[], args: readonly string[]) {
    this.port = port;
    this.#launcher = launcher;
    this.#folder = mkdtempSync(join(tmpdir(), 'etagere-redis-'));
    this.#args = args;
  }

  /** Starts one, with these as further arguments. Resolves when it answers. */
  static start(...args: readonly string[]): Promise<RedisProcess> {
    return RedisProcess.startBy([], ...args);
  }

  /** The same by a command that it becomes, such as `taskset -c 0`. */
  static async startBy(launcher: readonly string[], ...args: readonly string[]): Promise<RedisProcess> {
    for (let attempt = 1; ; attempt++) {
      const server = new RedisProcess(await freePort(), launcher, args);
      try {
        await server.start();
        return server;
      } catch (error) {
        await server.stop();
        // Of a cluster it wants another port as well, 10000 further, which somebody may have.
        if (attempt === attempts) throw error;
      }
    }
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** @throws Error when it does not run. */
  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error('redis-server does not run');
    return pid;
  }

  get runs(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Starts it again, after it was killed, with what it had written down. */
  async start(): Promise<void> {
    const args = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#folder, '--save', ''];
    const { program } = redisServer;
    const [command = program, ...rest] = [...this.#launcher, program, ...args, ...this.#args];
    const child = spawn(command, rest, { stdio: 'ignore' });
    this.#child = child;
    process.once('exit', this.#kill);
    const until = performance.now() + startMs;
    while (!(await this.#answers())) {
      if (performance.now() > until || child.exitCode !== null) throw new Error('redis-server does not come to listen');
      await pause(betweenLooksMs);
    }
  }

  /** Sends it a command by redis-cli; what it answers. */
  ask(...command: readonly string[]): string {
    return execFileSync(redisClient, ['-p', String(this.port), ...command], { encoding: 'utf8' }).trim();
  }

  /** The same, while this process goes on. */
  async tell(...command: readonly string[]): Promise<string> {
    return (await promisify(execFile)(redisClient, ['-p', String(this.port), ...command])).stdout.trim();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.runs) return;
    const ended = new Promise((resolve) => {
      child.once('exit', resolve);
    });
    child.kill('SIGKILL');
    await ended;
    process.removeListener('exit', this.#kill);
  }

  /** Kills it, and leaves nothing. */
  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  readonly #kill = (): void => {
    this.#child?.kill('SIGKILL');
  };

  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1');
      socket.once('connect', () => socket.write('PING\r\n'));
      socket.once('data', (data) => {
        socket.destroy();
        resolve(!data.toString().startsWith('-LOADING'));
      });
      socket.once('error', () => resolve(false));
    });
  }
}

/** A cluster of so many servers that are in charge, each with so many that are ready to take its place. */
export async function startCluster(masters: number, replicas: number): Promise<RedisProcess[]> {
  const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000', '--cluster-replica-validity-factor', '0'];
  const servers = await Promise.all(
    Array.from({ length: masters * (1 + replicas) }, () => RedisProcess.start(...args)),
  );
  const addresses = servers.map(({ port }) => `127.0.0.1:${port}`);
  const create = ['--cluster', 'create', ...addresses, '--cluster-replicas', String(replicas), '--cluster-yes'];
  execFileSync(redisClient, create, { stdio: 'ignore' });
  const until = performance.now() + startMs;
  while (!servers.every((server) => server.ask('cluster', 'info').includes('cluster_state:ok'))) {
    if (performance.now() > until) throw new Error('the cluster does not come to be');
    await pause(betweenLooksMs);
  }
  return servers;
}
