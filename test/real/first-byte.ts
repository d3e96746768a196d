import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { startEtagere } from './etagere-process.ts';
import { claim, type RealProgram, startServer } from './program.ts';

const rounds = 200;

/** The origin ends a response only when the client has seen its first byte: whoever waits for the whole never gets it. */
export const firstByte: RealProgram = {
  claim: 'the first byte of a response reaches the client while the origin still sends',
  async run() {
    const seen = new Map<string, () => void>();
    const origin = await startServer((request, response) => {
      response.writeHead(200, { 'cache-control': 'max-age=60' });
      response.write('first');
      seen.set(request.url ?? '', () => response.end('last'));
    });
    const etagere = await startEtagere(origin.url);
    try {
      const direct = await timesToFirstByte(origin.url, seen);
      const through = await timesToFirstByte(etagere.url, seen);
      return {
        kind: 'passed',
        figures: [
          `time to first byte over ${rounds} cold requests, median: ${direct} ms direct, ${through} ms through etagere`,
        ],
      };
    } finally {
      await etagere.stop();
      await origin.close();
    }
  },
};

/** The median, in milliseconds. Each round asks for a target of its own, so that none is a hit. */
async function timesToFirstByte(base: string, seen: ReadonlyMap<string, () => void>): Promise<string> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const target = `/${new URL(base).port}/${round}`;
    const started = performance.now();
    const [response] = (await once(get(base + target), 'response')) as [IncomingMessage];
    const content: Buffer[] = [];
    response.on('data', (chunk: Buffer) => {
      if (content.length === 0) {
        times.push(performance.now() - started);
        seen.get(target)?.();
      }
      content.push(chunk);
    });
    await once(response, 'end');
    claim(Buffer.concat(content).toString() === 'firstlast', 'the content is not what the origin sent');
  }
  const sorted = times.toSorted((a, b) => a - b);
  return (sorted[Math.floor(sorted.length / 2)] ?? Number.NaN).toFixed(2);
}
