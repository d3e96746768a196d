import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../src/http/fields.ts';
import { presentedFields } from '../../src/policy/presented.ts';
import type { BackedShelf, BackedShelfOptions } from '../../src/store/backed.ts';
import type { Shelved } from '../../src/store/store.ts';
import { backedShelf } from './backed-shelf.ts';
import { HeapBacking, HeapGround } from './heap-backing.ts';
import { put, responseTo, textOf, textsRead } from './shelved.ts';

const { key } = responseTo('/a');
const languages = ['de', 'en', 'fr', 'it'];

/** Shelves over one ground, as of several processes, and what is asked of it. */
class Asked {
  readonly ground = new HeapGround();
  readonly calls: string[] = [];

  join(options: Partial<BackedShelfOptions> = {}): BackedShelf {
    const backing = new HeapBacking(this.ground, { isLater: true });
    backing.fails = (call) => {
      this.calls.push(call);
      return false;
    };
    return backedShelf(backing, options);
  }

  /** How often it was asked for something since it was asked this last. */
  count(call: string): number {
    return this.calls.splice(0).filter((each) => each === call).length;
  }
}

async function lookup(shelf: BackedShelf, language: string): Promise<readonly Shelved[]> {
  return shelf.lookup(key, presentedFields(fieldsOf(['accept-language', language])));
}

/** Whose content can be read at once. */
const atOnce = (found: readonly Shelved[]): string[] => found.flatMap((each) => textOf(each) || []);

describe('a look-up among several variants', () => {
  it('reads the content of the one that is selected, and finds the others, whose content is read when it is used', async () => {
    const asked = new Asked();
    const shelf = asked.join();
    for (const language of languages) await put(shelf, responseTo('/a', language), language);
    for (const language of languages) {
      const found = await lookup(shelf, language);
      expect(atOnce(found)).toEqual([language]);
      expect((await textsRead(found)).toSorted()).toEqual(languages);
    }
  });

  it('takes one call where it is known what others nominate, and two where it is not', async () => {
    const asked = new Asked();
    const first = asked.join();
    for (const language of languages) await put(first, responseTo('/a', language), language);
    asked.count('row');
    await lookup(first, 'en');
    expect(asked.count('row')).toBe(1);
    const second = asked.join();
    expect(atOnce(await lookup(second, 'en'))).toEqual(['en']);
    expect(asked.count('row')).toBe(2);
    expect(atOnce(await lookup(second, 'fr'))).toEqual(['fr']);
    expect(asked.count('row')).toBe(1);
  });

  it('takes one call where there is but one variant, whatever it nominates', async () => {
    const asked = new Asked();
    await put(asked.join(), responseTo('/a', 'en'), 'en');
    const shelf = asked.join();
    asked.count('row');
    expect(atOnce(await lookup(shelf, 'en'))).toEqual(['en']);
    expect(asked.count('row')).toBe(1);
  });

  it('finds all that are selected, by whatever they nominate', async () => {
    const asked = new Asked();
    await put(asked.join(), responseTo('/a'), 'any');
    await put(asked.join(), responseTo('/a', 'en'), 'en');
    await put(asked.join(), responseTo('/a', 'de'), 'de');
    expect(atOnce(await lookup(asked.join(), 'en')).toSorted()).toEqual(['any', 'en']);
  });

  it('goes on finding them where more lists of fields are nominated than are remembered', async () => {
    const asked = new Asked();
    const shelf = asked.join({ maxVariants: 32 });
    const presented = presentedFields(fieldsOf(['accept-language', 'en']));
    for (let i = 0; i < 20; i++) {
      const nominatedFields = ['accept-language', `x-${i}`];
      const stored = { ...responseTo('/a'), nominatedFields, variant: presented.variant(nominatedFields) };
      await put(shelf, stored, `${i}`);
    }
    const found = await lookup(shelf, 'en');
    const texts = await textsRead(found);
    expect(texts.toSorted()).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`).toSorted());
  });

  it('reads no content where nobody is presented', async () => {
    const asked = new Asked();
    const shelf = asked.join();
    for (const language of languages) await put(shelf, responseTo('/a', language), language);
    expect(atOnce(await shelf.lookup(key))).toEqual([]);
    expect(atOnce(await shelf.peek(key))).toEqual([]);
    expect((await shelf.lookup(key)).map(({ content }) => content.length)).toEqual([2, 2, 2, 2]);
  });
});
