/** A process that stores until it is killed: `storing.ts DIRECTORY TOKEN PID FIRST-ROW ROWS`. It says each record that is kept, a line of JSON each. */
import { pieceBytes } from '../../src/store/backing.ts';
import { openDisk } from '../../src/store/disk/backing.ts';
import { anyLength, type Described, headOf, pieceOf } from './described.ts';
import { placeOf } from '../store/ground.ts';
import { maxBytes } from './shelf-size.ts';

const [directory = '', token = '', pid, firstRow, rows] = process.argv.slice(2);
/** Records on their way at a time. */
const together = 4;

const shelf = await openDisk({
  directory,
  maxBytes,
  instance: `from row ${firstRow}`,
  sharedBy: { token, pid: Number(pid) },
  warn: (line) => process.stderr.write(`${line}\n`),
});
let next = Date.now() % 2 ** 30;
await Promise.all(Array.from({ length: together }, (_, i) => store(i)));

async function store(lane: number): Promise<never> {
  for (let count = lane; ; count += together) {
    const row = Number(firstRow) + (count % Number(rows));
    next += 1;
    const described = { row, version: next, length: anyLength() };
    if (await put(described)) process.stdout.write(`${JSON.stringify(described)}\n`);
    // What is refused is refused at once.
    else await new Promise(setImmediate);
  }
}

async function put(described: Described): Promise<boolean> {
  const draft = shelf.draft(placeOf(described.row), described.length);
  if (draft === undefined) return false;
  for (let index = 0; index * pieceBytes < described.length; index += 1) {
    if (!draft.write(pieceOf(described, index))) return false;
    // As it would come from an origin.
    if (index % 16 === 0) await new Promise(setImmediate);
  }
  return (await draft.commit(headOf(described), 3_600_000)) === true;
}
