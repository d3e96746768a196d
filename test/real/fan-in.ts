import { createHash, randomBytes } from 'node:crypto';
import { Agent, get } from 'node:http';
import { startEtagere } from './etagere-process.ts';
import { claim, type RealProgram, startServer } from './program.ts';

const clients = 1_000;

/** RFC 9111 §4: requests for the same thing are collapsed. The origin answers only when every client has a connection. */
export const fanIn: RealProgram = {
  claim: `${clients} clients at once for one cold key are one request at the origin`,
  async run() {
    const content = randomBytes(256 * 2 ** 10);
    const crowd = new Crowd(clients);
    let asked = 0;
    const origin = await startServer((_, response) => {
      asked += 1;
      void crowd.gathered.then(() => {
        response.writeHead(200, { 'cache-control': 'max-age=60', 'content-length': content.length }).end(content);
      });
    });
    const etagere = await startEtagere(origin.url);
    const agent = new Agent({ maxSockets: clients });
    try {
      const answers = await Promise.all(
        Array.from({ length: clients }, () => ask(`${etagere.url}/cold`, agent, crowd)),
      );
      const expected = digest(content);
      claim(
        answers.every((answer) => answer === expected),
        'a client got other content than the origin sent',
      );
      claim(asked === 1, `the origin was asked ${asked} times`);
      return { kind: 'passed', figures: [`${clients} clients, 1 origin request, 256 KiB each, all the same`] };
    } finally {
      agent.destroy();
      await etagere.stop();
      await origin.close();
    }
  },
};

/** Says when that many have come. */
class Crowd {
  readonly gathered: Promise<void>;
  #missing: number;
  #allHere: () => void = () => undefined;

  constructor(size: number) {
    this.#missing = size;
    this.gathered = new Promise((resolve) => {
      this.#allHere = resolve;
    });
  }

  enter(): void {
    this.#missing -= 1;
    if (this.#missing === 0) this.#allHere();
  }
}

/** The digest of the content of an answer. */
function ask(url: string, agent: Agent, crowd: Crowd): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent }, (response) => {
      const hash = createHash('sha256');
      response.on('data', (chunk: Buffer) => hash.update(chunk));
      response.on('end', () => resolve(`${response.statusCode} ${hash.digest('hex')}`));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.on('socket', (socket) => socket.once('connect', () => crowd.enter()));
  });
}

function digest(content: Buffer): string {
  return `200 ${createHash('sha256').update(content).digest('hex')}`;
}
