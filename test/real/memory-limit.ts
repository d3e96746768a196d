import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { type EtagereProcess, startEtagere } from './etagere-process.ts';
import { claim, mebibytes, type RealProgram, startServer, type Verdict } from './program.ts';

const limitBytes = 64 * 2 ** 20;
const flags = ['--memory', '64mb'];

/** What the process may take: the shelf with a half for what the collector has not found yet, and the program itself. */
const mostMemory = 1.5 * limitBytes + 150e6;

const responses = 120_000;
const connections = 32;

/** Heads and bookkeeping weigh far more than twenty bytes of content: all of it has to count. */
export const manySmall: RealProgram = {
  claim: `${responses} responses of 20 bytes leave the process within ${mebibytes(mostMemory)} at --memory 64mb`,
  async run() {
    const origin = await startServer((_, response) => {
      response.writeHead(200, { 'cache-control': 'max-age=3600', 'content-length': 20 }).end('x'.repeat(20));
    });
    const etagere = await startEtagere(origin.url, flags);
    const agent = new Agent({ keepAlive: true, maxSockets: connections });
    try {
      let next = 0;
      const ask = async (): Promise<void> => {
        while (next < responses) claim((await statusOf(`${etagere.url}/small/${next++}`, agent)) === 200, 'no 200');
      };
      await Promise.all(Array.from({ length: connections }, ask));
      return withinMemory(etagere);
    } finally {
      agent.destroy();
      await etagere.stop();
      await origin.close();
    }
  },
};

const readers = 150;
const objectBytes = 6_000_000;

/** Whoever takes a response and does not read it keeps it in memory, on the shelf or not. */
export const stalledReaders: RealProgram = {
  claim: `${readers} clients that stop reading objects of ${mebibytes(objectBytes)} leave the process within ${mebibytes(mostMemory)} at --memory 64mb`,
  async run() {
    const content = Buffer.alloc(objectBytes, 'x');
    const origin = await startServer((_, response) => {
      response.writeHead(200, { 'cache-control': 'max-age=3600', 'content-length': objectBytes }).end(content);
    });
    // Each may keep a connection to the origin waiting.
    const etagere = await startEtagere(origin.url, [...flags, '--origin-connections', String(2 * readers)]);
    const sockets: Socket[] = [];
    try {
      for (let index = 0; index < readers; index++) sockets.push(await stalledReader(etagere.url, `/large/${index}`));
      const agent = new Agent();
      claim((await statusOf(`${etagere.url}/other`, agent)) === 200, 'another client got no answer beside them');
      return withinMemory(etagere);
    } finally {
      for (const socket of sockets) socket.destroy();
      await etagere.stop();
      await origin.close();
    }
  },
};

function withinMemory(etagere: EtagereProcess): Verdict {
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
