import { describe, expect, it } from 'vitest';
import type { CacheKey } from '../../src/key/cache-key.ts';
import { FrequencySketch } from '../../src/store/frequency-sketch.ts';
import type { Handle } from '../../src/store/cells.ts';
import { handlesOf } from '../../src/store/row.ts';
import { type Coming, type Removal, RowTable } from '../../src/store/row-table.ts';

function named(name: string): Coming {
  const [key = '', variant = ''] = name.split(':');
  return { key: key as CacheKey, variant };
}

/** A table of at most 100 bytes, of which 20 are the window. */
class Table {
  readonly removed: string[] = [];
  readonly #rows: RowTable;
  readonly #variants = new Map<Handle, string>();
  #handles = 0;

  constructor(counts = true) {
    const sketch = counts ? new FrequencySketch(2 ** 16, [7, 0x9e3779b1]) : undefined;
    const onRemoved = (handle: Handle, key: CacheKey, cause: Removal): void => {
      const variant = this.#variants.get(handle);
      this.removed.push(`${key}${variant === '' ? '' : `:${variant}`} ${cause}`);
    };
    this.#rows = new RowTable({ windowBytes: 20, sketch, weightOfKey: () => 0, weightOfVariant: 0, onRemoved });
  }

  /** Asks for a key so many times, or a variant of it as `key:variant`; what is not there is put there. */
  ask(name: string, bytes = 10, times = 1): this {
    const coming = named(name);
    for (let i = 0; i < times; i++) {
      const row = this.#rows.use(coming.key);
      const handle = this.#among(handlesOf(row), coming);
      if (handle !== undefined && typeof row !== 'number') this.#rows.used(handle);
      if (handle !== undefined) continue;
      this.#rows.asked(coming);
      this.put(name, bytes);
      this.room();
    }
    return this;
  }

  put(name: string, bytes: number): void {
    const coming = named(name);
    this.#handles++;
    this.#variants.set(this.#handles, coming.variant);
    this.#rows.add(coming, this.#handles, bytes);
  }

  #among(row: readonly Handle[], { variant }: Coming): Handle | undefined {
    return row.find((handle) => this.#variants.get(handle) === variant);
  }

  /** Makes room for what exchanges hold. */
  room(held = 0, sparesLast = true): void {
    while (this.#rows.bytes + held > 100 && this.#rows.evict(held, sparesLast));
    if (this.#rows.bytes + held <= 100) this.#rows.settle(held);
  }

  get rows(): RowTable {
    return this.#rows;
  }

  /** Those of the names that are there; of the first, each letter is one. */
  has(letters: string, ...names: readonly string[]): string {
    const isThere = (name: string): boolean => {
      const coming = named(name);
      return this.#among(handlesOf(this.#rows.peek(coming.key)), coming) !== undefined;
    };
    return [...letters.split(''), ...names].filter(isThere).join('');
  }
}

/** Ten keys fill it, each asked for so many times. */
function full(times: number): Table {
  const table = new Table();
  for (const name of 'abcdefghij') table.ask(name, 10, times);
  return table;
}

describe('a table that is full', () => {
  it('keeps what was asked for twice from what is asked for once, however much of that comes', () => {
    const table = full(2);
    for (let i = 0; i < 1_000; i++) table.ask(`once/${i}`);
    // The two in the window have gone, as the last that came.
    expect(table.has('abcdefghij')).toBe('abcdefgh');
    expect(table.removed.filter((each) => !each.startsWith('once')).length).toBe(2);
    expect(table.removed.every((each) => each.endsWith('unproven'))).toBe(true);
  });

  it('has what is new there for as long as the window lasts', () => {
    const table = full(2).ask('new');
    expect(table.has('', 'new')).toBe('new');
    table.ask('newer');
    expect(table.has('', 'new', 'newer')).toBe('newnewer');
    table.ask('newest');
    expect(table.has('', 'new')).toBe('');
  });

  it('lets that in which is asked for more often than the one that has to go', () => {
    const table = full(2).ask('new', 10, 3);
    for (let i = 0; i < 10; i++) table.ask(`once/${i}`);
    expect(table.has('', 'new')).toBe('new');
    expect(table.has('abcdefgh')).toHaveLength(7);
    expect(table.removed).toContain('a room');
  });

  it('does not let that in which is asked for just as often', () => {
    const table = full(2).ask('new', 10, 2);
    for (let i = 0; i < 10; i++) table.ask(`once/${i}`);
    expect(table.has('abcdefgh', 'new')).toBe('abcdefgh');
  });

  it('does not let that in which is asked for once, be it that what is there was asked for long ago', () => {
    const table = full(1);
    // So many that the counts of all have grown old.
    for (let i = 0; i < 10_000; i++) table.rows.asked(named(`elsewhere/${i}`));
    for (let i = 0; i < 10; i++) table.ask(`once/${i}`);
    expect(table.has('abcdefgh')).toBe('abcdefgh');
  });

  it('has of a few that were used least recently the one go that was used least often', () => {
    const table = full(3);
    for (const name of 'abfcdegh') table.ask(name, 10, name === 'f' ? 1 : 2);
    table.ask('new', 10, 6);
    for (let i = 0; i < 10; i++) table.ask(`once/${i}`);
    expect(table.has('abcdefgh', 'new')).toBe('abcdeghnew');
  });

  it('has something large outweigh all that have to go for it together', () => {
    const [light, heavy] = [full(3).ask('large', 20, 6), full(3).ask('large', 20, 7)];
    for (const table of [light, heavy]) for (let i = 0; i < 10; i++) table.ask(`once/${i}`);
    expect([light.has('', 'large'), heavy.has('', 'large')]).toEqual(['', 'large']);
    expect(heavy.has('abcdefgh')).toBe('cdefgh');
  });

  it('has room for something large that is asked for all the time', () => {
    const table = full(9).ask('large', 20, 15);
    for (let i = 0; i < 10; i++) table.ask(`once/${i}`);
    expect(table.has('', 'large')).toBe('large');
  });

  it('gives way to what exchanges hold: first what has not proved itself, and never for good what has', () => {
    const table = full(2).ask('x').ask('y');
    table.room(10);
    expect(table.has('abcdefgh', 'x', 'y')).toBe('abcdefghy');
    for (let i = 0; i < 100; i++) {
      table.room(8);
      table.room(0);
      table.ask(`once/${i}`);
    }
    expect(table.has('abcdefgh')).toBe('abcdefgh');
  });

  it('has what is there long go for exchanges before what has come of late and has proved itself', () => {
    const table = new Table().ask('a', 25, 2);
    for (const name of 'bcdefgh') table.ask(name, 10, 2);
    // Only the last is in the window then.
    table.room(5);
    table.room(8);
    expect(table.removed).toEqual(['a room']);
  });

  it('has for what is new and arrives nothing go but what is in the window, and for what is asked for more often the rest', () => {
    const { rows } = full(2).ask('x').ask('y');
    const may = (key: string, growth: number): boolean => rows.mayDisplace(named(key), growth, growth);
    expect([may('new', 20), may('new', 21)]).toEqual([true, false]);
    for (let i = 0; i < 7; i++) rows.asked(named('new'));
    expect([may('new', 30), may('new', 40)]).toEqual([true, false]);
  });

  it('gives all of its room to what exchanges hold, if need be, but for the last used where that is spared', () => {
    const table = full(2).ask('a');
    table.room(1_000);
    expect(table.has('abcdefghij')).toBe('a');
    table.room(1_000, false);
    expect(table.rows.size).toBe(0);
    expect(table.rows.evict(0, false)).toBe(false);
  });
});

describe('variants of one key', () => {
  it('have to prove themselves one by one, however often the key is asked for', () => {
    const table = full(2).ask('k:one', 10, 9);
    for (let i = 0; i < 1_000; i++) table.ask(`k:${i}`);
    expect(table.has('abcdefgh', 'k:one')).toBe('abcdefghk:one'.replace('a', ''));
    expect(table.rows.bytes).toBeLessThanOrEqual(100);
  });

  it('do not take the room of what is in use where each comes for a key of its own, either', () => {
    const table = full(2);
    for (let i = 0; i < 1_000; i++) for (const name of 'klm') table.ask(`${name}:${i}`);
    expect(table.has('abcdefgh')).toBe('abcdefgh');
  });

  it('stay where they are asked for again, beside what is in use', () => {
    const table = full(2).ask('k:one', 10, 3).ask('k:two', 10, 3);
    for (let i = 0; i < 100; i++) table.ask(`once/${i}`).ask(`k:${i}`);
    expect(table.has('abcdefgh', 'k:one', 'k:two')).toBe('cdefghk:onek:two');
  });

  it('are all there while there is room, and go by turns with all else as room is needed', () => {
    const table = new Table(false);
    for (const name of ['k:1', 'k:2', 'a', 'k:3']) table.ask(name, 10, 2);
    expect(handlesOf(table.rows.peek('k' as CacheKey))).toEqual([1, 2, 4]);
    expect(table.removed).toEqual([]);
    table.room(65, false);
    expect(table.removed).toEqual(['k:1 room']);
    table.room(85, false);
    expect(table.removed).toEqual(['k:1 room', 'k:2 room', 'a room']);
    expect(table.rows.peek('k' as CacheKey)).toBe(4);
    expect(table.ask('k:3').rows.bytes).toBe(10);
  });

  it('are taken away one by one, or all of a key', () => {
    const table = new Table();
    for (const name of ['k:1', 'k:2', 'k:3', 'a']) table.ask(name);
    table.rows.toEnd('k' as CacheKey, 1);
    expect(table.rows.peek('k' as CacheKey)).toEqual([2, 3, 1]);
    table.rows.take('k' as CacheKey, 3);
    expect(table.rows.peek('k' as CacheKey)).toEqual([2, 1]);
    table.rows.remove('k' as CacheKey);
    expect(table.removed).toEqual(['k:3 taken', 'k:2 taken', 'k:1 taken']);
    expect([table.rows.peek('k' as CacheKey), table.rows.bytes, table.rows.size]).toEqual([undefined, 10, 1]);
  });

  it('weigh what their entries do, and the key is weighed once', () => {
    const rows = new RowTable({
      windowBytes: 20,
      sketch: undefined,
      weightOfKey: () => 7,
      weightOfVariant: 3,
      onRemoved: () => {},
    });
    const bytes = ['k', 'k:1', 'k:2'].map((name, handle) => {
      rows.add(named(name), handle, 10);
      return rows.bytes;
    });
    for (const handle of [0, 1, 2]) {
      rows.take('k' as CacheKey, handle);
      bytes.push(rows.bytes);
    }
    expect(bytes).toEqual([17, 33, 46, 33, 17, 0]);
  });

  it('are one key among those used last', () => {
    const table = new Table().ask('a').ask('k:1').ask('k:2', 10, 2).ask('b');
    expect(table.rows.lastUsed(3)).toEqual(['k', 'b', 'a']);
  });

  it('are all spared while one of them is used, and only what has come where it has come', () => {
    const table = new Table();
    for (const name of ['k:1', 'k:2', 'a']) table.ask(name, 10);
    table.rows.touch('k' as CacheKey);
    table.room(1_000);
    expect(table.has('a', 'k:1', 'k:2')).toBe('k:1k:2');
    table.put('k:3', 10);
    table.room(1_000);
    expect(table.has('', 'k:1', 'k:2', 'k:3')).toBe('k:3');
  });
});

describe('a table with room', () => {
  it('keeps all that comes', () => {
    const table = new Table();
    for (const name of 'abcdefghij') table.ask(name);
    expect(table.has('abcdefghij')).toBe('abcdefghij');
    expect(table.removed).toEqual([]);
  });

  it('knows a key by all of its uses, whatever was put in the place of its row', () => {
    const table = full(1);
    table.rows.remove('a' as CacheKey);
    table.put('a', 10);
    table.rows.use('a' as CacheKey);
    table.put('new', 1);
    expect(table.rows.lastUsed(2)).toEqual(['a', 'new']);
  });

  it('counts to what is new what exchanges hold', () => {
    const table = new Table().ask('a').ask('b');
    const mayDisplace = (): boolean => table.rows.mayDisplace(named('new'), 20, 20);
    expect(mayDisplace()).toBe(true);
    table.room(5);
    expect(mayDisplace()).toBe(false);
    expect(table.has('ab')).toBe('ab');
  });

  it('says what was taken away, as that', () => {
    const table = full(1);
    for (const name of ['a', 'j', 'none']) table.rows.remove(name as CacheKey);
    expect(table.removed).toEqual(['a taken', 'j taken']);
    expect(table.rows.bytes).toBe(80);
  });

  it('names the last used of all of it, by turns of the window and the others, and first what was used more than once', () => {
    const table = full(1).ask('c').ask('b').ask('i');
    expect(table.rows.lastUsed(4)).toEqual(['i', 'b', 'c', 'j']);
    expect(table.rows.lastUsed(100)).toEqual(['i', 'b', 'c', 'j', 'h', 'g', 'f', 'e', 'd', 'a']);
    expect(full(1).rows.lastUsed(3)).toEqual(['j', 'h', 'i']);
  });
});

describe('a table without counts', () => {
  it('has the least recently used go', () => {
    const table = new Table(false);
    for (const name of 'abcdefghij') table.ask(name, 10, 5);
    table.ask('a').ask('new').ask('newer');
    expect(table.has('abcdefghij', 'new', 'newer')).toBe('adefghijnewnewer');
    expect(table.removed).toEqual(['b room', 'c room']);
  });
});
