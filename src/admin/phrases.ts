import type { Schema } from './schema.ts';

/** Of what schemas are made again and again. */
export const text: Schema = { type: 'string' };
export const count: Schema = { type: 'integer', minimum: 0 };
export const figure: Schema = { type: 'number' };

/** An object with exactly these properties, all of them there but the `optional` ones. */
export function record(
  properties: Readonly<Record<string, Schema>>,
  description: string,
  optional: readonly string[] = [],
): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', description, properties, required, additionalProperties: false };
}

/** A list of those. */
export function listOf(items: Schema, description?: string): Schema {
  return { type: 'array', items, ...(description === undefined ? {} : { description }) };
}

/** The same, with what it means. */
export function said(schema: Schema, description: string): Schema {
  return { ...schema, description };
}
