import { type Fields, fieldsOf, eachField } from '../http/fields.ts';
import type { ResponseHead } from '../http/message.ts';

/** Fields of a response whose value is a URI reference that a cache may resolve (RFC 9110 §10.2.2, §8.7). */
const referring: ReadonlySet<string> = new Set(['location', 'content-location']);

/**
 * Where in the URL space of a cache a fixture is played. A cache elsewhere keeps what it stored from one fixture to the next, so
 * each has a path of its own there, of which the fixture sees nothing: `/a` is `/etagere-x-17/a` on the wire, both ways.
 */
export interface Place {
  /** As the wire has it. */
  outward(target: string): string;
  /** As the fixture has it; undefined for a target of another place. */
  inward(target: string): string | undefined;
  outwardHead(head: ResponseHead): ResponseHead;
  inwardHead(head: ResponseHead): ResponseHead;
}

/** The place of a fixture that has a cache of its own. */
export const everywhere: Place = {
  outward: (target) => target,
  inward: (target) => target,
  outwardHead: (head) => head,
  inwardHead: (head) => head,
};

/** The place below a path like `/etagere-x-17`. */
export function placeBelow(prefix: string): Place {
  const outward = (reference: string): string => reference.replace(pathStart, (authority) => `${authority}${prefix}`);
  const inward = (reference: string): string | undefined => {
    const authority = pathStart.exec(reference)?.[0];
    if (authority === undefined || !reference.startsWith(`${prefix}/`, authority.length)) return undefined;
    return authority + reference.slice(authority.length + prefix.length);
  };
  return {
    outward,
    inward,
    outwardHead: (head) => withReferences(head, outward),
    inwardHead: (head) => withReferences(head, (reference) => inward(reference) ?? reference),
  };
}

/** What stands before an absolute path: nothing, or scheme and authority. A relative reference has no such start and stays as it is. */
const pathStart = /^(?:https?:\/\/[^/?#]*)?(?=\/(?!\/))/i;

function withReferences(head: ResponseHead, change: (reference: string) => string): ResponseHead {
  const fields: Fields = fieldsOf(
    ...[...eachField(head.fields)].map(([name, value]) => [name, referring.has(name) ? change(value) : value] as const),
  );
  return { ...head, fields };
}
