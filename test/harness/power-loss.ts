import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Random } from '../fuzz/random.ts';
import { databaseFile, type Operation, pageBytes } from './recorded-disk.ts';

/** Of the database's own lock. */
const lockBytes = 65_744;

/** What is at a path: a file, by its number, or a directory. */
type Tree = Map<string, number | 'directory'>;

type Commit = Extract<Operation, { readonly kind: 'commit' }>;

/** How much of what was not flushed is there, of ten: all of it, none, or what chance leaves. */
const shares = [0, 1, 5, 9, 10];

/** What a disk writes as a whole, or not. */
const sectors = [512, 4096];

/** What a loss of power would have left of what was done to a disk. */
export class PowerLoss {
  readonly #operations: readonly Operation[];
  readonly #end: number;
  readonly #random: Random;
  readonly #share: number;
  readonly #flushed: ReadonlySet<Operation>;
  /** The transaction that was under way. */
  readonly #commit: Commit | undefined;

  /** @param end How much had been done by then: what was flushed of it is there, and of anything else what chance leaves. */
  constructor(operations: readonly Operation[], end: number, random: Random) {
    this.#operations = operations.slice(0, end);
    this.#end = end;
    this.#random = random;
    this.#share = random.pick(shares);
    this.#flushed = flushedOf(this.#operations);
    const next = operations.slice(end).find(({ kind }) => kind === 'begin' || kind === 'commit');
    this.#commit = next?.kind === 'commit' ? next : undefined;
  }

  /** Puts all that is left into a directory. */
  writeTo(directory: string): void {
    for (const [path, entry] of this.#tree()) {
      const target = join(directory, path);
      if (entry === 'directory') mkdirSync(target, { recursive: true, mode: 0o700 });
      else writeFileSync(target, entry === databaseFile ? this.#database() : this.#contentOf(entry), { mode: 0o600 });
      // Never flushed, as it is about processes.
      if (entry === databaseFile && this.#random.once(2))
        writeFileSync(join(dirname(target), 'lock.mdb'), this.#before(lockBytes), { mode: 0o600 });
    }
  }

  /** Names: those of before, where what has changed them is not there. */
  #tree(): Tree {
    const [left, meant]: [Tree, Tree] = [new Map(), new Map()];
    for (const operation of this.#operations) {
      if (this.#isLeft(operation)) change(left, operation, meant);
      change(meant, operation, meant);
    }
    return new Map([...left].filter(([path]) => isReached(left, path)).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #isLeft(operation: Operation): boolean {
    return this.#flushed.has(operation) || this.#random.below(10) < this.#share;
  }

  #contentOf(file: number): Buffer {
    const writes = this.#operations.filter((each) => each.kind === 'write').filter((each) => each.file === file);
    const length = Math.max(0, ...writes.map(({ position, bytes }) => position + bytes.length));
    const content = this.#before(length);
    let end = 0;
    for (const write of writes) {
      const { position, bytes } = write;
      const reached = this.#isLeft(write) ? bytes.copy(content, position) : this.#tear(content, position, bytes);
      if (reached > 0) end = Math.max(end, position + reached);
    }
    // Its length is written at another time than what is in it.
    return this.#random.once(2) ? content : content.subarray(0, end);
  }

  /** What lay in its blocks before: nothing, or what was in another file. */
  #before(length: number): Buffer {
    const others = this.#operations.filter((each) => each.kind === 'write');
    const content = Buffer.alloc(length);
    if (others.length === 0 || this.#random.once(2)) return content;
    for (let at = 0; at < length; ) at += this.#random.pick(others).bytes.copy(content, at);
    return content;
  }

  /** Some of its sectors; up to which byte. */
  #tear(content: Buffer, position: number, bytes: Buffer): number {
    const sector = this.#random.pick(sectors);
    let end = 0;
    for (let start = 0; start < bytes.length; start += sector) {
      if (this.#random.below(10) >= this.#share) continue;
      end = start + bytes.copy(content, position + start, start, Math.min(bytes.length, start + sector));
    }
    return end;
  }

  /** As of the last transaction that was kept. Of one under way all may be there, or any sectors of its pages; but the page that says that it counts is written when all others are flushed. */
  #database(): Buffer {
    const kept = this.#operations.filter((each) => each.kind === 'commit');
    if (kept.length === 0) return Buffer.alloc(this.#random.below(4) * pageBytes);
    const database = databaseOf(this.#commit === undefined ? kept : [...kept, this.#commit]);
    if (this.#commit === undefined || this.#random.once(4)) return database;
    const before = databaseOf(kept);
    const torn = Buffer.alloc(this.#random.once(2) ? database.length : before.length);
    before.copy(torn);
    for (const [index, page] of this.#commit.pages) if (index >= metaPages) this.#tear(torn, index * pageBytes, page);
    return torn;
  }

  /** In words. */
  get what(): string {
    return `power lost after ${this.#end} operations, ${this.#share} of 10 left of what was not flushed`;
  }
}

/** Each names a transaction, in turn; the newer one counts. */
const metaPages = 2;

function databaseOf(commits: readonly Commit[]): Buffer {
  const last = Math.max(...commits.flatMap(({ pages }) => [...pages.keys()]));
  const database = Buffer.alloc((last + 1) * pageBytes);
  for (const { pages } of commits) for (const [index, page] of pages) page.copy(database, index * pageBytes);
  return database;
}

/** What is there for good: what was written to a file before that was flushed, and what became of the names in a directory before that was. */
function flushedOf(operations: readonly Operation[]): ReadonlySet<Operation> {
  const flushed = new Set<Operation>();
  const files = new Set<number>();
  const directories = new Set<string>();
  for (const operation of operations.toReversed()) {
    if (operation.kind === 'sync') files.add(operation.file);
    else if (operation.kind === 'sync-directory') directories.add(operation.path || '.');
    else if (operation.kind === 'write' ? files.has(operation.file) : directories.has(directoryOf(operation)))
      flushed.add(operation);
  }
  return flushed;
}

function directoryOf(operation: Operation): string {
  if (operation.kind === 'rename') return dirname(operation.to);
  return 'path' in operation ? dirname(operation.path) : '';
}

/** @param meant What would be there had nothing been lost: what a name is given to is there, with whatever content. */
function change(tree: Tree, operation: Operation, meant: Tree): void {
  if (operation.kind === 'directory') {
    if (!meant.has(operation.path)) tree.set(operation.path, 'directory');
  } else if (operation.kind === 'create') tree.set(operation.path, operation.file);
  else if (operation.kind === 'remove') for (const path of within(tree, operation.path)) tree.delete(path);
  else if (operation.kind === 'rename') rename(tree, operation, meant);
}

function rename(tree: Tree, { from, to }: { readonly from: string; readonly to: string }, meant: Tree): void {
  const [known, there] = [meant.get(from), tree.get(from)];
  // A socket, which says nothing when its process has ended.
  if (known === undefined) return;
  for (const path of within(tree, from)) {
    const entry = tree.get(path);
    tree.delete(path);
    if (entry !== undefined) tree.set(to + path.slice(from.length), entry);
  }
  if (there === undefined) tree.set(to, known);
}

function within(tree: Tree, path: string): readonly string[] {
  return [...tree.keys()].filter((each) => each === path || each.startsWith(`${path}/`));
}

function isReached(tree: Tree, path: string): boolean {
  const above = dirname(path);
  return above === '.' || (tree.get(above) === 'directory' && isReached(tree, above));
}
