import { once } from 'node:events';
import { Agent, get } from 'node:http';
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

/** Every URL is another one: so many responses, of so many bytes each. */
function unique(responses: number, what: string, bytes: number, limit: Limit): RealProgram {
  return {
    claim: `${responses} responses of ${what} ${limit.within}`,
    async run() {
      const content = Buffer.alloc(bytes, 'x');
      const origin = await startServer((_, response) => {
        response.writeHead(200, { 'cache-control': 'max-age=3600', 'content-length': bytes }).end(content);
      });
      const etagere = await startEtagere(origin.url, limit.flags);
      const agent = new Agent({ keepAlive: true, maxSockets: connections });
      try {
        let next = 0;
        const ask = async (): Promise<void> => {
          while (next < responses) claim((await statusOf(`${etagere.url}/unique/${next++}`, agent)) === 200, 'no 200');
        };
        await Promise.all(Array.from({ length: connections }, ask));
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
function statusOf(url: string, agent: Agent): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}
