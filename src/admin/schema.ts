import { nearest } from '../config/nearest.ts';

/** The part of JSON Schema 2020-12, which OpenAPI 3.1 speaks, that our endpoints need. */
export interface Schema {
  /** The name of another schema, as `#/components/schemas/Entry`. */
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: SchemaType | readonly SchemaType[];
  readonly enum?: readonly string[];
  readonly const?: boolean | string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  /** False: no other properties than those; a schema: what the others are. */
  readonly additionalProperties?: false | Schema;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  /** Exactly one of them holds; here each only says which property is required. */
  readonly oneOf?: readonly { readonly required: readonly string[] }[];
  readonly default?: string | number;
  /** The first is shown to whoever sent what does not match the pattern. */
  readonly examples?: readonly string[];
}

export type SchemaType = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'null';

/** Schemas by the name under which others refer to them. */
export type Schemas = Readonly<Record<string, Schema>>;

const refPrefix = '#/components/schemas/';

/** A reference to the schema of that name. */
export function refTo(name: string): Schema {
  return { $ref: `${refPrefix}${name}` };
}

/** What a reference refers to; any other schema is itself. Throws where there is none of that name. */
export function resolved(schema: Schema, schemas: Schemas): Schema {
  if (schema.$ref === undefined) return schema;
  const found = schema.$ref.startsWith(refPrefix) ? schemas[schema.$ref.slice(refPrefix.length)] : undefined;
  if (found === undefined) throw new Error(`there is no schema ${schema.$ref}`);
  return resolved(found, schemas);
}

/**
 * What first keeps a value from being what the schema says, as a sentence for whoever sent it, or undefined.
 *
 * @param place What the value is called in that sentence: `mode`, `entries[3].url`.
 */
export function faultOf(value: unknown, schema: Schema, schemas: Schemas, place = ''): string | undefined {
  const rules = resolved(schema, schemas);
  const fault = typeFault(value, rules) ?? wordFault(value, rules) ?? rangeFault(value, rules);
  if (fault !== undefined) return place === '' ? `the value ${fault}` : `${place} ${fault}`;
  if (Array.isArray(value)) return itemsFault(value, rules, schemas, place);
  return isObject(value) ? propertiesFault(value, rules, schemas, place) : undefined;
}

const withArticle: Readonly<Record<SchemaType, string>> = {
  object: 'an object',
  array: 'a list',
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
};

const isOfType: Readonly<Record<SchemaType, (value: unknown) => boolean>> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  integer: Number.isSafeInteger,
  number: Number.isFinite,
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
};

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typeFault(value: unknown, { type }: Schema): string | undefined {
  if (type === undefined) return undefined;
  const types = typeof type === 'string' ? [type] : type;
  if (types.some((each) => isOfType[each](value))) return undefined;
  return `must be ${types.map((each) => withArticle[each]).join(' or ')}`;
}

function wordFault(value: unknown, rules: Schema): string | undefined {
  if (rules.const !== undefined && value !== rules.const) return `must be ${JSON.stringify(rules.const)}`;
  if (rules.enum !== undefined && !rules.enum.some((word) => word === value)) {
    const meant = typeof value === 'string' ? nearest(value, rules.enum) : undefined;
    return `must be one of ${rules.enum.join(', ')}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
  }
  if (typeof value !== 'string') return undefined;
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern } = rules;
  if (value.length < minLength)
    return minLength === 1 ? 'must not be empty' : `must have ${minLength} characters or more`;
  if (value.length > maxLength) return `must have ${maxLength} characters at most`;
  if (pattern === undefined || new RegExp(pattern, 'u').test(value)) return undefined;
  return `must be like ${rules.examples?.[0] ?? pattern}`;
}

function rangeFault(value: unknown, rules: Schema): string | undefined {
  if (typeof value !== 'number') return undefined;
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = rules;
  if (value < minimum) return `must be ${minimum} or more`;
  return value > maximum ? `must be ${maximum} or less` : undefined;
}

function itemsFault(value: readonly unknown[], rules: Schema, schemas: Schemas, place: string): string | undefined {
  const { items, minItems = 0, maxItems = Number.POSITIVE_INFINITY } = rules;
  if (value.length < minItems) return `${place} must have ${minItems} members or more`;
  if (value.length > maxItems) return `${place} must have ${maxItems} members at most`;
  if (items === undefined) return undefined;
  return firstOf(value.entries(), ([i, item]) => faultOf(item, items, schemas, `${place}[${i}]`));
}

function propertiesFault(
  value: Readonly<Record<string, unknown>>,
  rules: Schema,
  schemas: Schemas,
  place: string,
): string | undefined {
  const { properties = {}, required = [], additionalProperties, oneOf } = rules;
  const inside = (name: string): string => (place === '' ? name : `${place}.${name}`);
  const missing = required.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) return `${inside(missing)} is missing`;
  const fault = firstOf(Object.entries(value), ([name, member]) => {
    const rule = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    if (rule === false) return unknownProperty(inside(name), name, Object.keys(properties));
    return rule === undefined ? undefined : faultOf(member, rule, schemas, inside(name));
  });
  return fault ?? (oneOf === undefined ? undefined : choiceFault(value, oneOf));
}

function unknownProperty(place: string, name: string, names: readonly string[]): string {
  if (names.length === 0) return `${place} is not known; nothing is`;
  const meant = nearest(name, names);
  return `${place} is not known; ${meant === undefined ? `there is ${names.join(', ')}` : `did you mean ${meant}?`}`;
}

function choiceFault(
  value: Readonly<Record<string, unknown>>,
  choices: readonly { readonly required: readonly string[] }[],
): string | undefined {
  const held = choices.filter(({ required }) => required.every((name) => Object.hasOwn(value, name)));
  return held.length === 1
    ? undefined
    : `exactly one of ${choices.flatMap(({ required }) => required).join(', ')} must be there, not ${held.length}`;
}

/** The first answer that is not undefined. */
function firstOf<T>(items: Iterable<T>, ask: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const answer = ask(item);
    if (answer !== undefined) return answer;
  }
  return undefined;
}
