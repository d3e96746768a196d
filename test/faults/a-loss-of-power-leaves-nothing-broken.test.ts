import { dirname, join } from 'node:path';
import { rm } from 'node:fs/promises';
import { expect, test, vi } from 'vitest';
import { fieldsOf } from '../../src/http/fields.ts';
import { groupKey } from '../../src/key/cache-key.ts';
import type { StoredResponse } from '../../src/policy/stored.ts';
import type { BackedShelf } from '../../src/store/backed.ts';
import { pieceBytes } from '../../src/store/backing.ts';
import { openDisk } from '../../src/store/disk/backing.ts';
import type { StoreSelection } from '../../src/store/selection.ts';
import type { Shelved } from '../../src/store/store.ts';
import { Random } from '../fuzz/random.ts';
import { describedBy, describedContent } from '../harness/described-content.ts';
import { PowerLoss } from '../harness/power-loss.ts';
import { type Operation, RecordedDisk } from '../harness/recorded-disk.ts';
import { claim } from '../real/program.ts';
import { backedShelf } from '../store/backed-shelf.ts';
import { filesIn, newDirectory } from '../store/disk-ground.ts';
import { put, responseTo, textRead } from '../store/shelved.ts';

const { opened } = vi.hoisted(() => ({ opened: [] as object[] }));

vi.mock(import('lmdb'), async (original) => {
  const lmdb = await original();
  const open = (options: Parameters<typeof lmdb.open>[0]) => {
    opened.push(options);
    return lmdb.open(options);
  };
  return { ...lmdb, open: open as typeof lmdb.open };
});

/** Losses of power. */
const trials = 500;
/** At a time: they mostly wait for the disk. */
const together = 10;
/** What is done at a time, each with targets of its own. */
const lanes = 4;
const targetsOfLane = 3;
const stepsOfLane = 40;
/** For files that are being taken away. */
const patienceMs = 30_000;
/** In the database, and as files. */
const lengths = [300, 5_000, 60_000, 70_000, 200_000];
const maxObjectBytes = 2 ** 20;
const maxBytes = 64 * 2 ** 20;

/** Something that was done, from and to when; never over where it was not said to be kept. */
interface Done {
  readonly target: string;
  readonly begun: number;
  kept: number;
}

interface Put extends Done {
  readonly version: number;
  readonly length: number;
}

interface Freshened extends Done {
  readonly version: number;
  readonly count: number;
}

/** An order is about its target, or where that is empty about all. */
interface Recorded {
  readonly operations: readonly Operation[];
  /** From then on the shelf was open. */
  readonly openedAt: number;
  readonly puts: Put[];
  readonly freshened: Freshened[];
  readonly orders: Done[];
}

const targets = Array.from({ length: lanes * targetsOfLane }, (_, i) => `/${Math.floor(i / targetsOfLane)}/${i}`);

function responseOf(target: string, version: number, count: number): StoredResponse {
  const fields = fieldsOf(['x-version', `${version}`], ['x-freshened', `${count}`]);
  const lane = `lane${target.split('/')[1]}`;
  return { ...responseTo(target), fields, tags: [lane], groups: [lane] };
}

function numberIn({ stored }: Shelved, name: string): number {
  const { fields } = stored;
  return Number(fields[fields.indexOf(name) + 1]);
}

function fail(line: string): never {
  throw new Error(line);
}

/** Stores, freshens and purges on a disk that writes all of it down. */
class Recording implements Recorded {
  readonly puts: Put[] = [];
  readonly freshened: Freshened[] = [];
  readonly orders: Done[] = [];
  readonly #disk: RecordedDisk;
  readonly #shelf: BackedShelf;
  readonly #random = new Random(1);
  readonly openedAt: number;
  #versions = 0;

  private constructor(disk: RecordedDisk, shelf: BackedShelf) {
    this.#disk = disk;
    this.#shelf = shelf;
    this.openedAt = disk.now;
  }

  static async of(directory: string): Promise<Recorded> {
    const disk = new RecordedDisk(dirname(directory));
    const { files, open: openEnvironment } = disk;
    const backing = await openDisk({ directory, maxBytes, instance: 'one', warn: fail, files, openEnvironment });
    const recording = new Recording(disk, backedShelf(backing, { maxObjectBytes }));
    await Promise.all(Array.from({ length: lanes }, (_, lane) => recording.#lane(lane)));
    await recording.#shelf.close();
    return recording;
  }

  get operations(): readonly Operation[] {
    return this.#disk.operations;
  }

  async #lane(lane: number): Promise<void> {
    for (let step = 0; step < stepsOfLane; step++) {
      const target = targets[lane * targetsOfLane + this.#random.below(targetsOfLane)] ?? '';
      const what = this.#random.below(20);
      const ofLane = targets.slice(lane * targetsOfLane, (lane + 1) * targetsOfLane);
      if (what < 12) await this.#put(target);
      else if (what < 16) await this.#freshen(target);
      else if (what < 17) await this.#order([target], () => this.#shelf.invalidate(responseTo(target).key));
      else if (what < 18) await this.#purge([target], { kind: 'targets', keys: [responseTo(target).key] });
      // Nobody waits until what it is about has been taken away.
      else if (what < 19)
        await this.#order(ofLane, () => this.#shelf.invalidateGroup(groupKey(responseTo(target).key, `lane${lane}`)));
      else if (lane > 0) await this.#purge(ofLane, { kind: 'tag', tag: `lane${lane}` });
      else await this.#purge(targets, { kind: 'all' });
    }
  }

  async #put(target: string): Promise<void> {
    const version = ++this.#versions;
    const content = describedContent(
      { url: target, variant: '', user: '', generation: version },
      this.#random.pick(lengths),
    );
    const done: Put = {
      target,
      version,
      length: content.length,
      begun: this.#disk.now,
      kept: Number.POSITIVE_INFINITY,
    };
    this.puts.push(done);
    if (await put(this.#shelf, responseOf(target, version, 0), content)) done.kept = this.#disk.now;
  }

  async #freshen(target: string): Promise<void> {
    const [shelved] = await this.#shelf.lookup(responseTo(target).key);
    if (shelved === undefined) return;
    const [version, count] = [numberIn(shelved, 'x-version'), numberIn(shelved, 'x-freshened') + 1];
    const { fields } = responseOf(target, version, count);
    const done: Freshened = { target, version, count, begun: this.#disk.now, kept: Number.POSITIVE_INFINITY };
    this.freshened.push(done);
    await this.#shelf.freshen(shelved.stored, { ...shelved.stored, fields });
    done.kept = this.#disk.now;
  }

  #purge(about: readonly string[], selection: StoreSelection): Promise<void> {
    return this.#order(about, async () => void (await this.#shelf.purge({ selection, before: 0 })));
  }

  async #order(about: readonly string[], give: () => Promise<void>): Promise<void> {
    const begun = this.#disk.now;
    await give();
    for (const target of about) this.orders.push({ target, begun, kept: this.#disk.now });
  }
}

/** A shelf that begins where the power came back. */
class Trial {
  readonly #recorded: Recorded;
  readonly #at: number;
  readonly what: string;
  readonly warnings: string[] = [];
  readonly figures = { found: 0, inFiles: 0, damaged: 0 };

  constructor(recorded: Recorded, at: number, what: string) {
    this.#recorded = recorded;
    this.#at = at;
    this.what = what;
  }

  async run(directory: string): Promise<void> {
    const warn = (line: string): void => void this.warnings.push(line);
    const backing = await openDisk({ directory, maxBytes, instance: 'one', warn });
    const shelf = backedShelf(backing, { maxObjectBytes });
    for (const target of targets) await this.#look(shelf, target);
    const content = describedContent({ url: '/after', variant: '', user: '', generation: 1 }, 3 * pieceBytes);
    claim(await put(shelf, responseTo('/after'), content), 'nothing can be stored');
    const [after] = await shelf.lookup(responseTo('/after').key);
    claim(after !== undefined && (await textRead(after)) === content, 'what is stored now is not there');
    await backing.swept;
    await vi.waitFor(async () => {
      const { size } = await filesIn(join(directory, 'content'));
      claim(size === this.figures.inFiles + 1, `${size} files for ${this.figures.inFiles + 1} records`);
    }, patienceMs);
    await shelf.close();
    this.figures.damaged = shelf.stats().damaged;
  }

  async #look(shelf: BackedShelf, target: string): Promise<void> {
    const found = await shelf.lookup(responseTo(target).key);
    claim(found.length <= 1, `${found.length} responses for ${target}`);
    const [shelved] = found;
    const text = shelved && (await textRead(shelved));
    if (shelved === undefined || text === undefined) {
      const lost = this.#mustBe(target);
      claim(lost === undefined, `version ${lost?.version} of ${target} was kept, and is not there`);
      return;
    }
    this.figures.found += 1;
    if (text.length > pieceBytes) this.figures.inFiles += 1;
    const { url, generation } = describedBy(text);
    const version = numberIn(shelved, 'x-version');
    claim(url === target && generation === version, `version ${generation} of ${url} as ${version} of ${target}`);
    claim(this.#mayBe(target, version), `version ${version} of ${target} was gone, and is there`);
    const freshenings = this.#freshenings(target, version);
    claim(numberIn(shelved, 'x-freshened') >= freshenings, `${target} was freshened ${freshenings} times`);
  }

  /** Whether it had begun, and nothing that came after it was kept. */
  #mayBe(target: string, version: number): boolean {
    const { puts, orders } = this.#recorded;
    const it = puts.find((each) => each.version === version);
    const isOver = [...puts, ...orders].some(
      (each) => each !== it && each.target === target && each.begun >= (it?.kept ?? 0) && each.kept <= this.#at,
    );
    return it !== undefined && it.target === target && it.begun < this.#at && !isOver;
  }

  /** What was kept in the database, and nothing has begun since that takes it away. */
  #mustBe(target: string): Put | undefined {
    const { puts, orders } = this.#recorded;
    const last = puts.filter((each) => each.target === target && each.begun <= this.#at).at(-1);
    if (last === undefined || last.kept > this.#at || last.length > pieceBytes) return undefined;
    const isOver = orders.some((each) => each.target === target && each.kept >= last.begun && each.begun <= this.#at);
    return isOver ? undefined : last;
  }

  #freshenings(target: string, version: number): number {
    const kept = this.#recorded.freshened.filter((each) => each.target === target && each.kept <= this.#at);
    return Math.max(0, ...kept.filter((each) => each.version === version).map(({ count }) => count));
  }
}

test('whatever is left of what was not flushed: the shelf opens, what it gives is what was put there, and what was kept in the index or purged stays so', async () => {
  const recorded = await Recording.of(join(await newDirectory(), 'shelf'));
  // What is taken for granted here of the database: each transaction is flushed, and then the page that says that it counts.
  const careless = ['noSync', 'noMetaSync', 'mapAsync', 'useWritemap', 'overlappingSync'];
  expect(
    opened.flatMap((options) => Object.entries(options)).filter(([name, on]) => careless.includes(name) && on),
  ).toEqual([]);
  expect(recorded.puts.filter(({ kept }) => kept < Number.POSITIVE_INFINITY).length).toBeGreaterThan(50);
  const failures: string[] = [];
  const sum = { found: 0, inFiles: 0, damaged: 0 };
  const tryOne = async (number: number): Promise<void> => {
    const random = new Random(number);
    // While it is opened for the first time, too.
    const at = random.below(random.once(5) ? recorded.openedAt : recorded.operations.length + 1);
    const loss = new PowerLoss(recorded.operations, at, random);
    const parent = await newDirectory();
    loss.writeTo(parent);
    const trial = new Trial(recorded, at, `trial ${number}: ${loss.what}`);
    await trial.run(join(parent, 'shelf')).catch((error: unknown) => failures.push(`${trial.what}: ${String(error)}`));
    await rm(parent, { recursive: true });
    // The index is begun anew only where it had never been used.
    if (at >= recorded.openedAt && trial.warnings.length > 0) failures.push(`${trial.what}: ${trial.warnings.join()}`);
    sum.found += trial.figures.found;
    sum.inFiles += trial.figures.inFiles;
    sum.damaged += trial.figures.damaged;
  };
  for (let number = 0; number < trials; number += together)
    await Promise.all(Array.from({ length: together }, (_, i) => tryOne(number + i)));
  expect(failures).toEqual([]);
  for (const figure of Object.values(sum)) expect(figure).toBeGreaterThan(trials / 5);
}, 300_000);
