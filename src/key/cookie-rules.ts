import { eachField, type Fields, fieldsOf, hasField } from '../http/fields.ts';
import { anyPattern } from '../http/pattern.ts';

/** The name of a cookie in the value of Cookie, as far as it can be told (RFC 6265 §4.2.1). */
export function cookieName(pair: string): string {
  return pair.split('=', 1)[0]?.trim() ?? '';
}

/**
 * A function that leaves cookies out of the fields of a request, by patterns of their names; undefined where there are none. What is left out is seen neither by the policy nor by
 * the origin, so that no answer can depend on it. The same list gives the same list.
 */
export function cookieDropper(names: readonly string[]): ((fields: Fields) => Fields) | undefined {
  if (names.length === 0) return undefined;
  const isDropped = anyPattern(names);
  // A client that repeats itself has the same list for each request.
  const made = new WeakMap<Fields, Fields>();
  return (fields) => {
    if (!hasField(fields, 'cookie')) return fields;
    let left = made.get(fields);
    if (left === undefined) {
      left = without(fields, isDropped);
      made.set(fields, left);
    }
    return left;
  };
}

function without(fields: Fields, isDropped: (name: string) => boolean): Fields {
  const lines = [...eachField(fields)].flatMap(([name, value]): [string, string][] => {
    if (name !== 'cookie') return [[name, value]];
    const pairs = value.split(';').filter((pair) => pair.trim() !== '' && !isDropped(cookieName(pair)));
    return pairs.length === 0 ? [] : [[name, pairs.map((pair) => pair.trim()).join('; ')]];
  });
  return fieldsOf(...lines);
}
