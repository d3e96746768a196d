import type { EtagereOptions } from './options.ts';
import { type Problem, refuseProblems } from './problems.ts';
import { resolveSettings } from './resolve.ts';
import { programSchema } from './schema.ts';
import type { Settings } from './settings.ts';
import { shaped } from './shape.ts';
import { UsageError } from './usage-error.ts';

/**
 * Reads the options that a program gave, which may have been written without types. One that is undefined counts as not given.
 * @throws UsageError that names every option that is wrong
 */
export function settingsOf(options: EtagereOptions): Settings {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new UsageError('options: there are none', "write createEtagere({ origin: 'http://localhost:3000' })");
  }
  const found: Problem[] = [];
  const given = shaped(programSchema, withoutUndefined(options), 'program', found) as EtagereOptions | undefined;
  refuseProblems(found);
  const settings = resolveSettings(given ?? {});
  if (settings.workers === 1) return settings;
  throw new UsageError('workers: a program has none', 'leave it out, and start several of the program, or run etagere');
}

/** What is no list and no plain object, but has names like one. */
const foreign = Symbol('an object of a class');

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== 'object' || value === null) return value;
  if (Object.prototype.toString.call(value) !== '[object Object]') return foreign;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.map(([name, inner]): [string, unknown] => [name, withoutUndefined(inner)]));
}
