import { anyPattern, type Matches } from '../http/pattern.ts';
import { comparable } from './percent-encoding.ts';

/** What becomes of the query of a target before it is keyed, matched and forwarded. */
export interface QueryRules {
  readonly sortQuery: boolean;
  /** Names of parameters that are left out; `*` stands for any characters. */
  readonly dropQuery: readonly string[];
  /** The only names of parameters that are not left out; undefined: all. */
  readonly keepQuery: readonly string[] | undefined;
}

/**
 * A function that applies the rules to a target; undefined where they change nothing. Parameters are compared by their names as they are written, but for
 * percent-encodings that mean the same (RFC 3986 §6.2.2); what is kept stays as it is, byte by byte. Sorting is by the bytes of the names and
 * keeps those of one name in their order.
 */
export function queryRewriter(rules: QueryRules): ((target: string) => string) | undefined {
  const { sortQuery, dropQuery, keepQuery } = rules;
  if (!sortQuery && dropQuery.length === 0 && keepQuery === undefined) return undefined;
  const isDropped = anyPattern(dropQuery.map(comparable));
  const isKept: Matches = keepQuery === undefined ? () => true : anyPattern(keepQuery.map(comparable));
  return (target) => {
    const start = target.indexOf('?');
    if (start < 0) return target;
    const parameters = target
      .slice(start + 1)
      .split('&')
      .map((text) => ({ text, name: nameOf(text) }))
      .filter(({ name }) => !isDropped(name) && isKept(name));
    if (sortQuery) parameters.sort((one, other) => compare(one.name, other.name));
    const query = parameters.map(({ text }) => text).join('&');
    return query === '' ? target.slice(0, start) : `${target.slice(0, start)}?${query}`;
  };
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function nameOf(parameter: string): string {
  const end = parameter.indexOf('=');
  const name = end < 0 ? parameter : parameter.slice(0, end);
  return comparable(name);
}
