import { once } from 'node:events';
import { connect } from 'node:net';
import type { RunningServer } from '../peers/peer-process.ts';
import { workersOf } from '../real/workers-stage.ts';
import type { Contestant } from './contestants.ts';
import { probe } from './probe.ts';
import { holdsOtherEnd } from './socket-owner.ts';
import type { Stage } from './stage.ts';

const leastTimes = 5;
const path = '/hit';
const betweenRequestsMs = 10;
const patienceMs = 30_000;

/**
 * Milliseconds from the SIGKILL of one of two workers until a new one has answered a request: at least five times, each time of an Etagere that has just begun, as one that loses worker after worker pauses before it
 * begins the next. Rejects where none does.
 */
export async function replacementsMs(contestant: Contestant, stage: Stage): Promise<readonly number[]> {
  const times = stage.quick ? 1 : Math.max(leastTimes, stage.rounds);
  const ms: number[] = [];
  for (let time = 0; time < times; time++) {
    const server = await contestant.start({ ...stage.ground, ownFlags: ['--workers', '2'] }, 'plain');
    try {
      ms.push(await replacementMs(server));
    } finally {
      await server.stop();
    }
  }
  return ms;
}

async function replacementMs({ url, pid }: RunningServer): Promise<number> {
  await probe(url + path, []);
  const before = workersOf(pid);
  const [victim] = before;
  if (victim === undefined) throw new Error('there are no workers');
  process.kill(victim, 'SIGKILL');
  const began = performance.now();
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<number>((resolve, reject) => {
      const ask = async (): Promise<void> => {
        const passedMs = performance.now() - began;
        if (passedMs > patienceMs) reject(new Error(`no new worker has answered within ${patienceMs} ms`));
        // One that is lost with the worker that was killed is never answered: nobody waits for it.
        if (await isAnsweredByOther(url, pid, before)) resolve(performance.now() - began);
      };
      timer = setInterval(() => void ask().catch(() => undefined), betweenRequestsMs);
    });
  } finally {
    clearInterval(timer);
  }
}

/** Whether a request on a connection of its own is answered by a worker that is none of these. */
async function isAnsweredByOther(url: string, pid: number, known: readonly number[]): Promise<boolean> {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setTimeout(patienceMs, () => socket.destroy());
  try {
    await once(socket, 'connect');
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    if (!answer.toString('latin1').startsWith('HTTP/1.1 200 ')) return false;
    return workersOf(pid).some((worker) => !known.includes(worker) && holdsOtherEnd(worker, socket.localPort ?? 0));
  } finally {
    socket.destroy();
  }
}
