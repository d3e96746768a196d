import * as v from 'valibot';

/** What a leaf is called in the documentation, and what an editor is told of it (JSON Schema, draft-07). */
export interface LeafSays {
  readonly title: string;
  readonly type: 'string' | readonly ['string', 'integer'] | readonly ['string', 'number'];
  readonly pattern?: string;
  /** Of numbers. */
  readonly minimum?: number;
  readonly maximum?: number;
  readonly examples?: readonly (string | number)[];
}

/**
 * A quantity is text with its unit; in a program it may be a number, and out of a file numbers come as the text that stands there. What a text means
 * is not decided here but in `resolve*.ts`, so that a flag, a file and a program are read alike.
 */
const quantity = (): v.UnionSchema<[v.StringSchema<undefined>, v.NumberSchema<undefined>], undefined> =>
  v.union([v.string(), v.number()]);

export const duration = quantity();
export const size = quantity();
export const count = quantity();
export const share = quantity();
export const status = quantity();
export const address = quantity();
export const text = v.string();
export const url = v.string();
export const network = v.string();

/** What is said of each of them. A schema that is not here has a shape of its own. */
export const leafSays: ReadonlyMap<v.GenericSchema, LeafSays> = new Map<v.GenericSchema, LeafSays>([
  [
    duration,
    {
      title: 'duration',
      // The only number that needs no unit.
      type: ['string', 'integer'],
      minimum: 0,
      maximum: 0,
      pattern: '^(0|\\d{1,15}(\\.\\d{1,9})? ?([mM]?[sS]|[mMhHdD]))$',
      examples: ['500ms', '30s', '5m', '1h', '2d'],
    },
  ],
  [
    size,
    {
      title: 'size',
      type: ['string', 'integer'],
      pattern: '^\\d{1,15}(\\.\\d{1,9})? ?([kKmMgG]?[bB])?$',
      examples: ['64kb', '256mb', '1gb'],
    },
  ],
  [count, { title: 'count', type: ['string', 'integer'], pattern: '^\\d+$', examples: [64] }],
  [share, { title: 'share', type: ['string', 'number'], pattern: '^(\\d*\\.)?\\d+%?$', examples: [0.25, '25%'] }],
  [
    status,
    {
      title: 'status',
      type: ['string', 'integer'],
      pattern: '^([1-5]\\d\\d(-[1-5]\\d\\d)?|[1-5][xX]{2})$',
      examples: [200, '2xx', '200-399'],
    },
  ],
  [address, { title: 'address', type: ['string', 'integer'], examples: ['127.0.0.1:8080', '[::1]:8080', 8080] }],
  [url, { title: 'URL', type: 'string', examples: ['http://localhost:3000'] }],
  [network, { title: 'network', type: 'string', examples: ['10.0.0.0/8', '::1'] }],
  // A number is the text that stands there.
  [text, { title: 'text', type: ['string', 'number'] }],
]);

/** One, or a list of them. */
export function oneOrMore<S extends v.GenericSchema>(
  schema: S,
): v.UnionSchema<[S, v.ArraySchema<S, undefined>], undefined> {
  return v.union([schema, v.array(schema)]);
}

/** What may be left out, with what it does and its default as one would write it. */
export function said<S extends v.GenericSchema>(
  schema: S,
  description: string,
  byDefault?: string | number | boolean,
): v.ExactOptionalSchema<S, undefined> {
  const says = byDefault === undefined ? { description } : { description, default: byDefault };
  return v.exactOptional(v.pipe(schema, v.metadata(says))) as unknown as v.ExactOptionalSchema<S, undefined>;
}

/** What may not be left out. */
export function needed<S extends v.GenericSchema>(schema: S, description: string): S {
  return v.pipe(schema, v.metadata({ description })) as unknown as S;
}

/**
 * Names with values, and no other names, each of which is complained of. Those that there are stand in the message of a complaint, one a line, for `shape.ts` to
 * find the nearest; `elsewhere` are some that are looked for here and belong below, like `match.path`.
 */
export function mapping<E extends v.ObjectEntries>(
  entries: E,
  elsewhere: readonly string[] = [],
): v.StrictObjectSchema<E, () => string> {
  return noList(allUnknown(v.strictObject(entries, () => [...Object.keys(entries), ...elsewhere].join('\n'))));
}

/** The library stops at the first name that it does not know, and would have to be asked anew for each: here all are told at once. */
function allUnknown<S extends ReturnType<typeof mapping>>(schema: S): S {
  return {
    ...schema,
    '~run': (dataset: v.UnknownDataset, config: v.Config<v.BaseIssue<unknown>>) => {
      const { value } = dataset;
      if (typeof value !== 'object' || value === null) return schema['~run'](dataset, config);
      const isKnown = ([name]: [string, unknown]): boolean => Object.hasOwn(schema.entries, name);
      const entries = Object.entries(value);
      const judged = schema['~run']({ value: Object.fromEntries(entries.filter(isKnown)) }, config);
      for (const [key, inner] of entries.filter((entry) => !isKnown(entry))) {
        const input = value as Record<string, unknown>;
        const path = [{ type: 'object', origin: 'key', input, key, value: inner }] as const;
        // eslint-disable-next-line no-underscore-dangle -- the library's own name for what its schemas complain with
        v._addIssue(schema, 'key', judged, config, { input: key, expected: 'never', path: [...path] });
      }
      return judged;
    },
  };
}

/** The names below a name, for the `elsewhere` of what is above it. */
export function namesBelow(name: string, { entries }: { readonly entries: v.ObjectEntries }): string[] {
  return Object.keys(entries).map((inner) => `${name}.${inner}`);
}

/** Names of somebody's own, each with such a value. */
export function record<S extends v.GenericSchema>(value: S): v.RecordSchema<v.StringSchema<undefined>, S, undefined> {
  return noList(v.record(v.string(), value));
}

/** What a list is shown as to a schema of names with values, which takes lists for such as well. */
export const listForNames = Symbol('a list');

function noList<S extends v.GenericSchema>(schema: S): S {
  return {
    ...schema,
    '~run': (dataset: v.UnknownDataset, config: v.Config<v.BaseIssue<unknown>>) =>
      schema['~run'](Array.isArray(dataset.value) ? { value: listForNames } : dataset, config),
  };
}
