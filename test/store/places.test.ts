import { describe, expect, it } from 'vitest';
import { queryKey } from '../../src/key/cache-key.ts';
import type { VariantKey } from '../../src/key/nominated-fields.ts';
import { idOfPlace, isKin, placeOf, placeOfId } from '../../src/store/places.ts';
import { responseTo } from './shelved.ts';

const one = responseTo('/a', 'de');

describe('a place', () => {
  it('is the same for the same key and variant, for as long as there are shelves', () => {
    expect(placeOf(responseTo('/a', 'de'))).toEqual(placeOf(one));
    expect(placeOf(one)).toEqual({ row: 'ef302a1aea2d6f9191d94c4ac493b148', variant: 'dd4fa1569e7276bc' });
  });

  it('shares its row with the other variants of its key, and with nothing else', () => {
    const french = placeOf(responseTo('/a', 'fr'));
    expect(french.row).toBe(placeOf(one).row);
    expect(french.variant).not.toBe(placeOf(one).variant);
    for (const key of [responseTo('/A').key, queryKey(one.key, 'digest')])
      expect(placeOf({ ...one, key }).row).not.toBe(placeOf(one).row);
  });

  it('tells lists of nominated fields apart, and not only what they are made of', () => {
    const variant = 'a-;' as VariantKey;
    const places = [['a', 'b'], ['a'], []].map((nominatedFields) => placeOf({ ...one, nominatedFields, variant }));
    expect(new Set(places.map((place) => place.variant)).size).toBe(3);
  });

  it('has a name by which it is found, and no other text has one', () => {
    expect(placeOfId(idOfPlace(placeOf(one)))).toEqual(placeOf(one));
    for (const id of ['', 'nonsense', idOfPlace(placeOf(one)).toUpperCase(), `${idOfPlace(placeOf(one))}0`])
      expect(placeOfId(id)).toBeUndefined();
  });
});

describe('kin of other targets', () => {
  it('is the response to a QUERY, and one for which parameters do not matter', () => {
    const variation = { mode: 'params', names: new Set(['b']), keyOrderMatters: true } as const;
    expect(isKin(one)).toBe(false);
    expect(isKin({ ...one, key: queryKey(one.key, 'digest') })).toBe(true);
    expect(isKin({ ...one, search: { variation, significant: '["/a"]' } })).toBe(true);
  });
});
