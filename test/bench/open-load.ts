import { Agent, get, type ClientRequest } from 'node:http';

/** Requests that come when they come, however long others take: `perSecond` of them, each with the next of these paths. */
export interface OpenLoad {
  readonly url: string;
  readonly path: (index: number) => string;
  readonly perSecond: number;
  readonly seconds: number;
  /** After that a client has gone: an answer that comes later is none. */
  readonly patienceMs: number;
}

/** What became of one request. */
export interface Asked {
  /** When it was due, in milliseconds since the load began. */
  readonly atMs: number;
  /** Of its answer; 0 where none came in time. */
  readonly status: number;
  /** Until its end. */
  readonly tookMs: number;
}

const tickMs = 5;
/** Of clients that keep their connections. */
const sockets = 2_000;

/** Resolves when each of them has its answer, or has gone. */
export async function askOpenly(load: OpenLoad): Promise<readonly Asked[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: sockets, scheduling: 'fifo' });
  const began = performance.now();
  const total = Math.floor(load.perSecond * load.seconds);
  const asked: Promise<Asked>[] = [];
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const due = Math.min(total, Math.floor(((performance.now() - began) / 1_000) * load.perSecond));
      while (asked.length < due) asked.push(ask(load, agent, asked.length));
      if (asked.length < total) return;
      clearInterval(timer);
      resolve();
    }, tickMs);
  });
  const all = await Promise.all(asked);
  agent.destroy();
  return all;
}

/** How many answers of 200 a second there are for so many clients, each of which asks as soon as it has an answer. */
export async function answersPerSecond(load: Omit<OpenLoad, 'perSecond'>, clients: number): Promise<number> {
  const agent = new Agent({ keepAlive: true });
  const began = performance.now();
  let asked = 0;
  let answered = 0;
  const client = async (): Promise<void> => {
    while (performance.now() - began < load.seconds * 1_000) {
      const { status } = await ask({ ...load, perSecond: 1 }, agent, asked++);
      if (status === 200) answered++;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  agent.destroy();
  return (answered * 1_000) / (performance.now() - began);
}

function ask({ url, path, perSecond, patienceMs }: OpenLoad, agent: Agent, index: number): Promise<Asked> {
  const atMs = (index * 1_000) / perSecond;
  const began = performance.now();
  return new Promise((resolve) => {
    const end = (status: number): void => {
      clearTimeout(timer);
      resolve({ atMs, status, tookMs: performance.now() - began });
    };
    const request: ClientRequest = get(new URL(path(index), url), { agent }, (response) => {
      response.resume();
      response.on('end', () => end(response.statusCode ?? 0));
    });
    request.on('error', () => end(0));
    const timer = setTimeout(() => {
      end(0);
      request.destroy();
    }, patienceMs);
  });
}
