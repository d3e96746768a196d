import { describe, expect, it } from 'vitest';
import { type Fields, fieldsOf } from '../../../src/http/fields.ts';
import { everywhere, placeNamed } from '../../../src/play/place.ts';

const place = placeNamed('p-1');

function pointers(label: string, segment: string): Fields {
  return fieldsOf(
    ['location', `${segment}/a`],
    ['content-location', `http://${label}shelf.test${segment}/b`],
    ['link', '</c>'],
    ['location', 'd'],
  );
}

describe('a place with a name', () => {
  it.each([
    ['/a', '/p-1/a'],
    ['/', '/p-1/'],
    ['/a?b=/c', '/p-1/a?b=/c'],
    ['/%7Ea/../b', '/p-1/%7Ea/../b'],
    ['http://shelf.test/a', 'http://p-1.shelf.test/p-1/a'],
    ['HTTPS://shelf.test:1/a', 'HTTPS://p-1.shelf.test:1/p-1/a'],
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
    const inside = { status: 301, fields: pointers('', '') };
    const outside = { status: 301, fields: pointers('p-1.', '/p-1') };
    expect(place.outwardHead(inside)).toEqual(outside);
    expect(place.inwardHead(outside)).toEqual(inside);
  });

  it('moves the authority of a request, and nothing else of it', () => {
    const inside = fieldsOf(['host', 'shelf.test:80'], ['referer', '/a'], ['x-forwarded-host', 'shelf.test']);
    const outside = fieldsOf(['host', 'p-1.shelf.test:80'], ['referer', '/a'], ['x-forwarded-host', 'p-1.shelf.test']);
    expect(place.outwardRequest(inside)).toEqual(outside);
    expect(place.inwardRequest(outside)).toEqual(inside);
  });

  it('leaves an authority that the cache put in place of ours', () => {
    const fields = fieldsOf(['host', '127.0.0.1:8000']);
    expect(place.inwardRequest(fields)).toEqual(fields);
  });

  it('leaves a Location that the cache took from elsewhere', () => {
    const head = { status: 301, fields: fieldsOf(['location', '/p-2/a']) };
    expect(place.inwardHead(head)).toEqual(head);
  });
});

it('everywhere changes nothing', () => {
  const head = { status: 301, fields: fieldsOf(['location', '/a']) };
  expect(everywhere.inward(everywhere.outward('/a'))).toBe('/a');
  expect(everywhere.inwardRequest(everywhere.outwardRequest(head.fields))).toEqual(head.fields);
  expect(everywhere.inwardHead(everywhere.outwardHead(head))).toEqual(head);
});
