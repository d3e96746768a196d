import { type Fields, fieldsOf, eachField } from '../http/fields.ts';
import type { ResponseHead } from '../http/message.ts';

/** Fields of a request whose value is an authority. */
const naming: ReadonlySet<string> = new Set(['host', 'x-forwarded-host']);

/** Fields of a response whose value is a URI reference that a cache may resolve (RFC 9110 §10.2.2, §8.7). */
const referring: ReadonlySet<string> = new Set(['location', 'content-location']);

/**
 * Where in the URL space of a cache a fixture is played. A cache elsewhere keeps what it stored from one fixture to the next, so
 * each has paths and authorities of its own there, of which the fixture sees nothing: `http://shelf.test/a` is
 * `http://etagere-x-17.shelf.test/etagere-x-17/a` on the wire, both ways.
 */
export interface Place {
  /** As the wire has it. */
  outward(target: string): string;
  /** As the fixture has it; undefined for a target of another place. */
  inward(target: string): string | undefined;
  /** The fields of a request. */
  outwardRequest(fields: Fields): Fields;
  inwardRequest(fields: Fields): Fields;
  outwardHead(head: ResponseHead): ResponseHead;
  inwardHead(head: ResponseHead): ResponseHead;
}

/** The place of a fixture that has a cache of its own. */
export const everywhere: Place = {
  outward: (target) => target,
  inward: (target) => target,
  outwardRequest: (fields) => fields,
  inwardRequest: (fields) => fields,
  outwardHead: (head) => head,
  inwardHead: (head) => head,
};

/**
 * The place of that name (a DNS label): the first segment of every path and the first label of every authority, as some of what a cache
 * does is about all of an origin.
 */
export function placeNamed(name: string): Place {
  const outward = (reference: string): string =>
    reference.replace(pathStart, (start) => `${start.replace('//', `//${name}.`)}/${name}`);
  const inward = (reference: string): string | undefined => {
    const start = pathStart.exec(reference)?.[0];
    if (start === undefined || !reference.startsWith(`/${name}/`, start.length)) return undefined;
    return start.replace(`//${name}.`, '//') + reference.slice(start.length + name.length + 1);
  };
  const inwardAuthority = (authority: string): string =>
    authority.startsWith(`${name}.`) ? authority.slice(name.length + 1) : authority;
  return {
    outward,
    inward,
    outwardRequest: (fields) => withValues(fields, naming, (authority) => `${name}.${authority}`),
    inwardRequest: (fields) => withValues(fields, naming, inwardAuthority),
    outwardHead: ({ status, fields }) => ({ status, fields: withValues(fields, referring, outward) }),
    inwardHead: ({ status, fields }) => ({
      status,
      fields: withValues(fields, referring, (reference) => inward(reference) ?? reference),
    }),
  };
}

/** What stands before an absolute path: nothing, or scheme and authority. A relative reference has no such start and stays as it is. */
const pathStart = /^(?:https?:\/\/[^/?#]*)?(?=\/(?!\/))/i;

function withValues(fields: Fields, names: ReadonlySet<string>, change: (value: string) => string): Fields {
  return fieldsOf(
    ...[...eachField(fields)].map(([name, value]) => [name, names.has(name) ? change(value) : value] as const),
  );
}
