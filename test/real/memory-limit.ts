import { once } from 'node:events';
import { Agent, request as begin } from 'node:http';
import { connect, type Socket } from 'node:net';
import { promisedMemory } from '../process-figures.ts';
import { type EtagereProcess, startEtagere } from './etagere-process.ts';
import { claim, mebibytes, type RealProgram, startServer, type Verdict } from './program.ts';

/** A limit, with what the process may take. */
interface Limit {
  readonly flags: readonly string[];
  /** In bytes. */
  readonly mostMemory: number;
  /** Both, in words. */
  readonly within: string;
}

function limitOf(mebi: number): Limit {
  const mostMemory = promisedMemory(mebi);
  return {
    flags: ['--memory', `${mebi}mb`],
    mostMemory,
    within: `leave the process within ${mebibytes(mostMemory)} at --memory ${mebi}mb`,
  };
}

/** Filled within seconds even by the smallest responses. */
const small = limitOf(64);
/** The collector lets 64 MiB of content lie that has left the shelf, whatever the limit is: it has to fit into the three tenths. */
const usual = limitOf(256);

const connections = 32;

/** What a client asks for in its turn. */
type Turn = (ask: (target: string, method?: 'POST') => Promise<void>, index: number) => Promise<void>;

/** Every URL is another one: so many responses, of so many bytes each. */
function unique(responses: number, what: string, bytes: number, limit: Limit): RealProgram {
  return inTurns(`${responses} responses of ${what}`, { turns: responses, bytes, limit }, (ask, index) =>
    ask(`/unique/${index}`),
  );
}

function inTurns(
  what: string,
  { turns, bytes, limit }: { readonly turns: number; readonly bytes: number; readonly limit: Limit },
  turn: Turn,
): RealProgram {
  return {
    claim: `${what} ${limit.within}`,
    async run() {
      const content = Buffer.alloc(bytes, 'x');
      const origin = await startServer((_, response) => {
        response.writeHead(200, { 'cache-control': 'max-age=3600', 'content-length': bytes }).end(content);
      });
      const etagere = await startEtagere(origin.url, limit.flags);
      const agent = new Agent({ keepAlive: true, maxSockets: connections });
      try {
        let next = 0;
        const ask = async (target: string, method?: 'POST'): Promise<void> =>
          claim((await statusOf(`${etagere.url}${target}`, agent, method)) === 200, 'no 200');
        const client = async (): Promise<void> => {
          while (next < turns) await turn(ask, next++);
        };
        await Promise.all(Array.from({ length: connections }, client));
        return withinMemory(etagere, limit);
      } finally {
        agent.destroy();
        await etagere.stop();
        await origin.close();
      }
    },
  };
}

/** Heads and bookkeeping weigh far more than twenty bytes of content: all of it has to count. */
export const manySmall: RealProgram = unique(200_000, '20 bytes', 20, small);
export const manyKibibytes: RealProgram = unique(100_000, '1 KiB', 2 ** 10, small);
export const manyMebibytes: RealProgram = unique(2_000, '1 MiB', 2 ** 20, usual);

/** Each is used, and then changed by whoever uses it: nothing of what it was may stay, though the shelf is never full. */
export const changedAgain: RealProgram = inTurns(
  'responses of 32 KiB, 50 of them, of which each is changed 100 times,',
  { turns: 5_000, bytes: 32 * 2 ** 10, limit: small },
  async (ask, index) => {
    const target = `/changing/${index % 50}`;
    for (let uses = 0; uses < 4; uses++) await ask(target);
    await ask(target, 'POST');
  },
);

/** Whoever takes a response and does not read it keeps it in memory, on the shelf or not. */
function stalled(readers: number, objectBytes: number, limit: Limit): RealProgram {
  return {
    claim: `${readers} clients that stop reading objects of ${mebibytes(objectBytes)} ${limit.within}`,
    async run() {
      const content = Buffer.alloc(objectBytes, 'x');
      const origin = await startServer((_, response) => {
        response.writeHead(200, { 'cache-control': 'max-age=3600', 'content-length': objectBytes }).end(content);
      });
      // Each may keep a connection to the origin waiting.
      const etagere = await startEtagere(origin.url, [...limit.flags, '--origin-connections', String(2 * readers)]);
      const sockets: Socket[] = [];
      try {
        for (let index = 0; index < readers; index++) sockets.push(await stalledReader(etagere.url, `/large/${index}`));
        const agent = new Agent();
        claim((await statusOf(`${etagere.url}/other`, agent)) === 200, 'another client got no answer beside them');
        return withinMemory(etagere, limit);
      } finally {
        for (const socket of sockets) socket.destroy();
        await etagere.stop();
        await origin.close();
      }
    },
  };
}

export const stalledReaders: RealProgram = stalled(150, 6_000_000, usual);
export const manyStalledReaders: RealProgram = stalled(500, 2 ** 20, small);

function withinMemory(etagere: EtagereProcess, { mostMemory }: Limit): Verdict {
  const peak = etagere.peakMemory();
  if (peak === undefined) return { kind: 'skipped', reason: 'the memory of a process is not known here' };
  claim(peak < mostMemory, `the process held ${mebibytes(peak)}`);
  return { kind: 'passed', figures: [`peak memory of the process: ${mebibytes(peak)}`] };
}

/** Takes the first bytes of an answer, and no more. */
async function stalledReader(url: string, target: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write(`GET ${target} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`);
  await Promise.race([once(socket, 'readable'), once(socket, 'close')]);
  return socket;
}

/** The status of an answer that is read to its end. */
function statusOf(url: string, agent: Agent, method = 'GET'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = begin(url, { agent, method }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end();
  });
}
