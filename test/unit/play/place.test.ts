import { describe, expect, it } from 'vitest';
import { type Fields, fieldsOf } from '../../../src/http/fields.ts';
import { everywhere, placeBelow } from '../../../src/play/place.ts';

const place = placeBelow('/p-1');

function pointers(prefix: string): Fields {
  return fieldsOf(
    ['location', `${prefix}/a`],
    ['content-location', `http://shelf.test${prefix}/b`],
    ['link', '</c>'],
    ['location', 'd'],
  );
}

describe('a place below a path', () => {
  it.each([
    ['/a', '/p-1/a'],
    ['/', '/p-1/'],
    ['/a?b=/c', '/p-1/a?b=/c'],
    ['/%7Ea/../b', '/p-1/%7Ea/../b'],
    ['http://shelf.test/a', 'http://shelf.test/p-1/a'],
    ['HTTPS://shelf.test:1/a', 'HTTPS://shelf.test:1/p-1/a'],
  ])('has %s at %s', (inside, outside) => {
    expect(place.outward(inside)).toBe(outside);
    expect(place.inward(outside)).toBe(inside);
  });

  it.each(['b', '../b', '', '//shelf.test/a', 'http://shelf.test', 'http://shelf.test?a/b'])(
    'leaves the reference %j as it is',
    (reference) => {
      expect(place.outward(reference)).toBe(reference);
    },
  );

  it.each(['/a', '/p-1', '/p-10/a', '/x/p-1/a', 'p-1/a'])('does not have %s', (target) => {
    expect(place.inward(target)).toBeUndefined();
  });

  it('moves Location and Content-Location, and no other field', () => {
    const inside = { status: 301, fields: pointers('') };
    const outside = { status: 301, fields: pointers('/p-1') };
    expect(place.outwardHead(inside)).toEqual(outside);
    expect(place.inwardHead(outside)).toEqual(inside);
  });

  it('leaves a Location that the cache took from elsewhere', () => {
    const head = { status: 301, fields: fieldsOf(['location', '/p-2/a']) };
    expect(place.inwardHead(head)).toEqual(head);
  });
});

it('everywhere changes nothing', () => {
  const head = { status: 301, fields: fieldsOf(['location', '/a']) };
  expect(everywhere.inward(everywhere.outward('/a'))).toBe('/a');
  expect(everywhere.inwardHead(everywhere.outwardHead(head))).toEqual(head);
});
