/** Processes that store, killed with SIGKILL at random moments, and what is on the shelf then: `npm run test:crash`, with `-- --points 20` for fewer moments than 200. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { type Lying, pieceBytes } from '../../src/store/backing.ts';
import { openDisk } from '../../src/store/disk/backing.ts';
import { placeOf } from '../store/ground.ts';
import { type Described, describedBy, pieceOf } from './described.ts';
import { maxBytes } from './shelf-size.ts';

const { values } = parseArgs({ options: { points: { type: 'string', default: '200' } } });
const points = Number(values.points);
/** Of one process. */
const rows = 16;
/** Those that are stored once, before anybody is killed: they have to be there at each point. */
const stayingRows = 24;
const allRows = 2 * rows + stayingRows;
/** The longest that a process lives after it was ready, in ms. */
const lifeMs = 400;
/** Once in so many points there are two processes, and one lives on. */
const twoEvery = 4;
/** What was kept so long before a process is killed, in ms, has to be there; nearly all of it. */
const settledMs = 5_000;
const settledShare = 0.99;

interface Kept extends Described {
  readonly at: number;
}

/** The last that was said to be kept, by row. */
const kept = new Map<number, Kept>();
const figures = { found: 0, corrupt: 0, settled: 0, lost: 0, older: 0 };
const directory = await mkdtemp(join(tmpdir(), 'etagere-crash-'));

try {
  // Whoever looks at the first point takes over from it.
  const beforehand = storing('point 0', 2 * rows, stayingRows);
  await beforehand.said(stayingRows);
  await beforehand.kill();
  for (let point = 0; point < points; point += 1) {
    await killAt(point);
    await verify(`point ${point}`);
  }
  await expectNoOrphans();
} finally {
  await rm(directory, { recursive: true, force: true });
}
console.log(
  `${points} points: ${figures.found} records read, ${figures.corrupt} corrupt or cut off, ${figures.older} older than said, ` +
    `${figures.lost} of ${figures.settled} lost that were kept ${settledMs / 1000} s before`,
);
const isSound = figures.corrupt === 0 && figures.older === 0 && figures.found > points && figures.settled > points;
process.exit(isSound && figures.lost <= figures.settled * (1 - settledShare) ? 0 : 1);

async function killAt(point: number): Promise<void> {
  const token = `point ${point}`;
  const first = storing(token, 0);
  const second = point % twoEvery === 0 ? storing(token, rows) : undefined;
  await first.said(1);
  await second?.said(1);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * lifeMs));
  await first.kill();
  if (second === undefined) return;
  // A process killed in the middle of a transaction keeps nobody from the next.
  await second.said(4);
  await second.kill();
}

/** A process that stores in so many rows from that one on. */
function storing(
  token: string,
  firstRow: number,
  count = rows,
): { said: (more: number) => Promise<void>; kill: () => Promise<void> } {
  const script = join(import.meta.dirname, 'storing.ts');
  const args = ['--import', 'tsx', script, directory, token, String(process.pid), String(firstRow), String(count)];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.stdout === null) throw new Error('it has a pipe');
  const lines = createInterface({ input: child.stdout });
  const closed = once(lines, 'close');
  const progress = { lines: 0 };
  lines.on('line', (line) => {
    const described = JSON.parse(line) as Described;
    progress.lines += 1;
    kept.set(described.row, { ...described, at: Date.now() });
  });
  const ended = closed.then(() => {
    throw new Error('it ended before it was killed');
  });
  // Whoever waits for it hears of it.
  ended.catch(() => {});
  return {
    said: async (more) => {
      const until = progress.lines + more;
      while (progress.lines < until) await Promise.race([once(lines, 'line'), ended]);
    },
    kill: async () => {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

async function verify(token: string): Promise<void> {
  const killedAt = Date.now();
  const shelf = await openDisk({
    directory,
    maxBytes,
    instance: 'verifying',
    sharedBy: { token, pid: process.pid },
    warn: (line) => console.log(line),
  });
  const before = figures.corrupt;
  for (let row = 0; row < allRows; row += 1) {
    const lying = shelf.at(placeOf(row));
    const said = kept.get(row);
    if (lying !== undefined) await check(lying, said);
    if (said === undefined || killedAt - said.at < settledMs) continue;
    figures.settled += 1;
    if (lying === undefined) figures.lost += 1;
  }
  await shelf.close();
  if (figures.corrupt > before) console.log(`${token}: ${figures.corrupt - before} corrupt`);
}

async function check(lying: Lying, said: Kept | undefined): Promise<void> {
  figures.found += 1;
  const described = describedBy(lying.head);
  if (said !== undefined && described.version < said.version) figures.older += 1;
  for (let index = 0; index * pieceBytes < described.length; index += 1) {
    const piece = await lying.pieces.read(index);
    if (piece !== undefined && pieceOf(described, index).equals(piece)) continue;
    figures.corrupt += 1;
    return;
  }
}

/** After a start that nobody shares, files and records are the same. */
async function expectNoOrphans(): Promise<void> {
  const shelf = await openDisk({
    directory,
    maxBytes,
    instance: 'last',
    sharedBy: { token: 'last', pid: process.pid },
    warn: (line) => console.log(line),
  });
  await shelf.swept;
  let files = 0;
  for (let row = 0; row < allRows; row += 1) {
    if ((shelf.at(placeOf(row))?.pieces.length ?? 0) > pieceBytes) files += 1;
  }
  await shelf.close();
  const names = await readdir(join(directory, 'content'), { recursive: true });
  const there = names.filter((name) => name.includes('/')).length;
  if (there === files) return;
  console.log(`${there} files for ${files} records`);
  figures.corrupt += 1;
}
