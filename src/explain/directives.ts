import { type Argument, type CacheControl, deltaSeconds } from '../http/cache-control.ts';
import { withField, withoutFields } from '../http/fields.ts';
import type { ResponseHead } from '../http/message.ts';
import { responseControl } from '../policy/targeted.ts';

/** The directives of a response as a list to be changed. */
export type Directives = ReadonlyMap<string, readonly (Argument | null)[]>;

/** The response with other directives in the field that counts for this cache (RFC 9213); without the field where none is left. */
export function withDirectives(response: ResponseHead, directives: Directives): ResponseHead {
  const { source } = responseControl(response.fields);
  const value = written(directives);
  const fields =
    value === '' ? withoutFields(response.fields, new Set([source])) : withField(response.fields, source, value);
  return { status: response.status, fields };
}

/** As the value of a field. */
export function written(directives: Directives): string {
  const members: string[] = [];
  for (const [name, occurrences] of directives) {
    for (const argument of occurrences) members.push(argument === null ? name : `${name}=${argumentText(argument)}`);
  }
  return members.join(', ');
}

function argumentText({ value, quoted }: Argument): string {
  return quoted ? `"${value.replace(/["\\]/g, '\\$&')}"` : value;
}

export function without(directives: Directives, name: string): Directives {
  return new Map([...directives].filter(([each]) => each !== name));
}

/** The directive with that argument, in the place of all its occurrences; at the end where there was none. */
export function withDirective(directives: Directives, name: string, value: string, quoted = false): Directives {
  return new Map([...directives, [name, [{ value, quoted }]]]);
}

/** The directive that says the lifetime here: `s-maxage` where there is one, else `max-age` (RFC 9111 §4.2.1). */
export function lifetimeDirective(control: CacheControl): 's-maxage' | 'max-age' {
  return deltaSeconds(control, 's-maxage') === undefined ? 'max-age' : 's-maxage';
}

/** The directives of RFC 9111 §5.2.2, RFC 5861 and RFC 8246. */
const registered: ReadonlySet<string> = new Set([
  'immutable',
  'max-age',
  'must-revalidate',
  'must-understand',
  'no-cache',
  'no-store',
  'no-transform',
  'private',
  'proxy-revalidate',
  'public',
  's-maxage',
  'stale-if-error',
  'stale-while-revalidate',
]);

export function isRegistered(name: string): boolean {
  return registered.has(name);
}

/** Those of them that mean something to a cache: of what can't be read the rest may be a piece. */
export function known(directives: Directives): Directives {
  return new Map([...directives].filter(([name]) => registered.has(name)));
}
