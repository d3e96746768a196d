import { nearest } from '../config/nearest.ts';
import { EtagereError } from '../errors.ts';
import type { Parameter } from './endpoint.ts';
import { faultOf, type Schema, type Schemas } from './schema.ts';

/**
 * Reads a query string by the parameters that there are. A misspelt one is refused: a filter that is passed over would select too much.
 * @throws EtagereError ADMIN_REQUEST_INVALID
 */
export function readParameters(
  query: string,
  parameters: readonly Parameter[],
  schemas: Schemas,
): Readonly<Record<string, unknown>> {
  const given = new URLSearchParams(query);
  for (const name of given.keys()) refuseUnknown(name, parameters);
  const values: Record<string, unknown> = {};
  for (const { name, schema, required } of parameters) {
    const texts = given.getAll(name);
    if (texts.length === 0 && required !== undefined) throw invalid(`${name} is missing: ?${name}=…`);
    if (texts.length > 1 && schema.type !== 'array') throw invalid(`${name} is there ${texts.length} times`);
    const value = texts.length === 0 ? schema.default : valueOf(texts, schema);
    if (value === undefined) continue;
    const fault = faultOf(value, schema, schemas, name);
    if (fault !== undefined) throw invalid(fault);
    values[name] = value;
  }
  return values;
}

function refuseUnknown(name: string, parameters: readonly Parameter[]): void {
  const names = parameters.map((parameter) => parameter.name);
  if (names.includes(name)) return;
  const meant = nearest(name, names);
  const there = names.length === 0 ? 'there are none here' : `there is ${names.join(', ')}`;
  throw invalid(`the parameter ${name} is not known; ${meant === undefined ? there : `did you mean ${meant}?`}`);
}

/** Text as what the schema says it is; text that is none stays text, for the schema to refuse. */
function valueOf(texts: readonly string[], schema: Schema): unknown {
  if (schema.type === 'array') return texts;
  const [text = ''] = texts;
  return schema.type === 'integer' && /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}

function invalid(detail: string): EtagereError {
  return new EtagereError('ADMIN_REQUEST_INVALID', detail);
}
