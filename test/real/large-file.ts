import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEtagere } from './etagere-process.ts';
import { claim, mebibytes, type RealProgram, startServer } from './program.ts';

const fileBytes = 2 ** 30;
const mostMemory = 200 * 2 ** 20;

/** A file four times the shelf goes through while only a window of it is held; with its length, and chunked. */
export const largeFile: RealProgram = {
  claim: `a file of ${mebibytes(fileBytes)} goes through unchanged, within ${mebibytes(mostMemory)} of memory`,
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'etagere-large-file-'));
    const path = join(folder, 'file');
    const expected = await writeFile(path);
    let readToEnd = false;
    const origin = await startServer((request, response) => {
      readToEnd = false;
      const length = request.url === '/chunked' ? {} : { 'content-length': fileBytes };
      response.writeHead(200, { 'cache-control': 'max-age=3600', ...length });
      const file = createReadStream(path);
      file.once('end', () => {
        readToEnd = true;
      });
      file.pipe(response);
    });
    const etagere = await startEtagere(origin.url);
    try {
      const figures: string[] = [];
      for (const target of ['/with-length', '/chunked']) {
        const started = performance.now();
        const download = await fetchDigest(`${etagere.url}${target}`, () => readToEnd);
        const seconds = (performance.now() - started) / 1_000;
        claim(download.digest === expected, `${target}: the digest differs`);
        claim(download.firstByteEarly, `${target}: the first byte came after the origin had read the last`);
        figures.push(`${target}: ${mebibytes(fileBytes / seconds)}/s`);
      }
      const peak = etagere.peakMemory();
      claim(peak === undefined || peak < mostMemory, `the process held ${mebibytes(peak ?? 0)}`);
      figures.push(`peak memory of the process: ${peak === undefined ? 'not known here' : mebibytes(peak)}`);
      return { kind: 'passed', figures };
    } finally {
      await etagere.stop();
      await origin.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Fills a file with blocks that all differ, so that one lost, doubled or swapped shows. Resolves with its digest. */
async function writeFile(path: string): Promise<string> {
  const block = randomBytes(2 ** 20);
  const hash = createHash('sha256');
  const file = await open(path, 'w');
  for (let index = 0; index < fileBytes / block.length; index++) {
    block.writeUInt32BE(index, 0);
    hash.update(block);
    await file.write(block);
  }
  await file.close();
  return hash.digest('hex');
}

function fetchDigest(url: string, isOver: () => boolean): Promise<{ digest: string; firstByteEarly: boolean }> {
  return new Promise((resolve, reject) => {
    const request = get(url, (response) => {
      const hash = createHash('sha256');
      let firstByteEarly: boolean | undefined;
      response.on('data', (chunk: Buffer) => {
        firstByteEarly ??= !isOver();
        hash.update(chunk);
      });
      response.on('end', () => resolve({ digest: hash.digest('hex'), firstByteEarly: firstByteEarly ?? false }));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}
