import { nearest } from './nearest.ts';
import { UsageError } from './usage-error.ts';

/** What the value of an option may be. */
export type Shape = 'text' | 'number' | 'true or false' | 'list of texts' | 'object';

const fits: Readonly<Record<Shape, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  'true or false': (value) => typeof value === 'boolean',
  'list of texts': (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

/** What a call without options should have been. */
const example = "write createEtagere({ origin: 'http://localhost:3000' })";

/**
 * Holds what a program without types gave against the options that there are. A value that is undefined counts as not given.
 * @throws UsageError that names the option, and what to write instead
 */
export function checkShapes(given: unknown, shapes: Readonly<Record<string, readonly Shape[]>>): void {
  if (given === undefined || given === null) throw new UsageError('options: there are none', example);
  if (!fits.object(given)) throw new UsageError('options: they are not an object', example);
  for (const [name, value] of Object.entries(given)) {
    const allowed = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
    if (allowed === undefined) throw unknownName(name, 'option', Object.keys(shapes));
    if (value !== undefined && !allowed.some((shape) => fits[shape](value))) {
      throw new UsageError(
        `${name}: ${shown(value)} is not what it takes`,
        `give it ${allowed.map(withArticle).join(' or ')}`,
      );
    }
  }
}

/** The error for a name that there is not. */
export function unknownName(name: string, kind: string, names: readonly string[], prefix = ''): UsageError {
  const meant = nearest(name, names);
  const advice = meant === undefined ? `the ${kind}s are ${names.join(', ')}` : `did you mean ${prefix}${meant}?`;
  return new UsageError(`${prefix}${name}: there is no such ${kind}`, advice);
}

function withArticle(shape: Shape): string {
  if (shape === 'text' || shape === 'true or false') return shape;
  return shape === 'object' ? 'an object' : `a ${shape}`;
}

/** A value in one line of a message. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return `${typeof value === 'string' ? 'text' : typeof value} ${String(value)}`;
}
