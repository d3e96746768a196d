import type { Path } from './problems.ts';

const anyUrl = 'http://localhost';

/**
 * What takes the place of a value that was complained of, where leaving it out would bring complaints about what hangs on it. Undefined: it is left out.
 */
export function standIn(path: Path): unknown {
  const last = path.at(-1);
  if (last === 'url' || (last === 'origin' && path.length === 1) || (path[0] === 'origins' && path.length === 2))
    return anyUrl;
  if (last === 'lifetime') return '0s';
  if (last === 'path') return '/';
  if (path[0] === 'routes' && path.length === 2) return { origin: anyUrl };
  return undefined;
}

/** The value with another one at that place. */
export function withValue(value: unknown, path: Path, instead: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return instead;
  if (Array.isArray(value))
    return value.map((item: unknown, i) => (i === step ? withValue(item, rest, instead) : item));
  const entries: Readonly<Record<string, unknown>> = { ...(value as object) };
  return { ...entries, [step]: withValue(entries[step], rest, instead) };
}

/** The value without what is at that place; a list goes as a whole, as other complaints name the places in it. */
export function withoutValue(value: unknown, path: Path): unknown {
  const last = path.at(-1);
  if (typeof last === 'number') {
    const list = path.slice(0, -1);
    const instead = standIn(list);
    return instead === undefined ? withoutValue(value, list) : withValue(value, list, instead);
  }
  return removed(value, path);
}

function removed(value: unknown, path: Path): unknown {
  const [step, ...rest] = path;
  if (Array.isArray(value)) return value.map((item: unknown, i) => (i === step ? removed(item, rest) : item));
  if (typeof value !== 'object' || value === null) return value;
  const entries: [string, unknown][] = Object.entries(value);
  return Object.fromEntries(
    rest.length === 0
      ? entries.filter(([name]) => name !== step)
      : entries.map(([name, inner]): [string, unknown] => [name, name === step ? removed(inner, rest) : inner]),
  );
}
