import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../src/http/fields.ts';
import { variantKey } from '../../src/key/nominated-fields.ts';
import { presentedFields } from '../../src/policy/presented.ts';
import { VariantDigests } from '../../src/store/variant-digests.ts';

/** The variant of a response to a request with that value in all nominated fields. */
function variantOf(names: readonly string[], value: string) {
  const fields = fieldsOf(...names.map((name): [string, string] => [name, value]));
  return { nominatedFields: names, variant: variantKey(names, fields), presented: presentedFields(fields) };
}

describe('the digest of a variant', () => {
  it('rules out other values of the nominated fields, and not its own', () => {
    const digests = new VariantDigests();
    const variants = ['gzip', 'br', 'gzip, br', 'identity'].map((value) => variantOf(['accept-encoding'], value));
    for (const [handle, variant] of variants.entries()) digests.set(handle, variant);
    for (const { presented, variant } of variants) {
      const left = variants.filter((_, handle) => digests.maySelect(handle, presented));
      expect(left.map((each) => each.variant)).toEqual([variant]);
    }
    for (const [handle] of variants.entries())
      expect(variants.filter((each) => digests.mayBe(handle, each))).toEqual([variants[handle]]);
  });

  it('rules out nothing where no field is nominated', () => {
    const digests = new VariantDigests();
    digests.set(7, variantOf([], ''));
    expect(digests.maySelect(7, presentedFields(fieldsOf(['accept-encoding', 'gzip'])))).toBe(true);
  });

  it('is that of the response to which the handle was given last', () => {
    const digests = new VariantDigests();
    const [before, after] = [variantOf(['accept'], 'a'), variantOf(['accept-language'], 'b')];
    digests.set(3, before);
    digests.set(3, after);
    expect(digests.maySelect(3, after.presented)).toBe(true);
    expect(digests.maySelect(3, before.presented)).toBe(false);
  });

  it('never rules out its own, however many lists of fields are nominated, and however long', () => {
    const name = fc.stringMatching(/^x-[a-z]{1,12}$/);
    const names = fc.oneof(
      { weight: 9, arbitrary: fc.uniqueArray(name, { maxLength: 4 }) },
      { weight: 1, arbitrary: fc.uniqueArray(name, { minLength: 40, maxLength: 60 }) },
    );
    const variant = fc.tuple(names, fc.string({ maxLength: 30 })).map(([list, value]) => variantOf(list, value));
    fc.assert(
      fc.property(fc.array(variant, { minLength: 300, maxLength: 400 }), (variants) => {
        const digests = new VariantDigests();
        for (const [handle, each] of variants.entries()) digests.set(handle, each);
        for (const [handle, { presented }] of variants.entries())
          expect(digests.maySelect(handle, presented)).toBe(true);
        for (const [handle, each] of variants.entries()) expect(digests.mayBe(handle, { ...each })).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('rules out nothing any more for the list of fields that comes after 255 others', () => {
    const digests = new VariantDigests();
    for (let n = 0; n < 256; n++) digests.set(n, variantOf([`x-${n}`], 'a'));
    expect(digests.maySelect(254, variantOf(['x-254'], 'b').presented)).toBe(false);
    expect(digests.maySelect(255, variantOf(['x-255'], 'b').presented)).toBe(true);
  });
});
