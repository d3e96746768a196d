import { describe, expect, it } from 'vitest';
import { endpoints } from '../../../src/admin/endpoints.ts';
import { openApi } from '../../../src/admin/openapi.ts';
import { type Asked, respond, startAdmin } from './stage.ts';

type Json = Readonly<Record<string, unknown>>;

const document = JSON.parse(JSON.stringify(openApi(endpoints))) as Json;

function at(value: unknown, ...path: readonly string[]): Json {
  let found = value;
  for (const name of path) found = (found as Json | undefined)?.[name];
  return (found ?? {}) as Json;
}

/** Every object of the document that has one of these keys. */
function objectsWith(key: string, value: unknown = document): Json[] {
  if (typeof value !== 'object' || value === null) return [];
  const here = Object.hasOwn(value, key) && !Array.isArray(value) ? [value as Json] : [];
  return [...here, ...Object.values(value).flatMap((member) => objectsWith(key, member))];
}

const operations = Object.entries(at(document, 'paths')).flatMap(([path, item]) =>
  Object.entries(item as Json).map(([method, operation]) => ({ path, method, operation: operation as Json })),
);

/** Every schema, wherever it stands, with where it was found. */
function schemasOf(value: unknown, place: string): [place: string, schema: Json][] {
  if (typeof value !== 'object' || value === null) return [];
  const schema = value as Json;
  const children = [
    ...Object.entries(at(schema, 'properties')),
    ...(['items', 'additionalProperties'] as const)
      .filter((key) => typeof schema[key] === 'object')
      .map((key) => [key, schema[key]] as const),
  ];
  return [[place, schema], ...children.flatMap(([name, child]) => schemasOf(child, `${place}/${name}`))];
}

const everySchema = [
  ...Object.entries(at(document, 'components', 'schemas')).flatMap(([name, schema]) => schemasOf(schema, name)),
  ...objectsWith('schema').flatMap(({ schema }) => schemasOf(schema, 'schema')),
];

/** A value as that schema wants it; texts are URLs, as most of them have to be. */
function exampleOf(schema: Json): unknown {
  const { $ref: ref } = schema;
  if (typeof ref === 'string') return exampleOf(at(document, ...ref.slice(2).split('/')));
  if (schema['const'] !== undefined) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0] as unknown;
  if (schema['type'] === 'integer') return schema['minimum'];
  if (schema['type'] !== 'object') return 'http://example.com/a';
  const [choice = {}] = (schema['oneOf'] ?? []) as Json[];
  const names = [...((schema['required'] ?? []) as string[]), ...((choice['required'] ?? []) as string[])];
  return Object.fromEntries(names.map((name) => [name, exampleOf(at(schema, 'properties', name))]));
}

/** What a program would send that knows the document and nothing else. */
function requestFor(method: string, operation: Json): Asked & { readonly query: string } {
  const query = new URLSearchParams();
  for (const { name, required, schema } of (operation['parameters'] ?? []) as Json[]) {
    if (required === true) query.append(String(name), String(exampleOf(schema as Json)));
  }
  const [[type, media] = ['', {}]] = Object.entries(at(operation, 'requestBody', 'content'));
  const content =
    type === '' ? {} : { headers: { 'content-type': type }, body: JSON.stringify(exampleOf(at(media, 'schema'))) };
  return { method: method.toUpperCase(), query: query.toString(), ...content };
}

const types = ['object', 'array', 'string', 'integer', 'number', 'boolean', 'null'];

/** JSON Schema 2020-12: what we use of it, and what the value of each keyword has to be. */
const keywords: Readonly<Record<string, (value: unknown) => boolean>> = {
  $ref: (value) => typeof value === 'string' && value.startsWith('#/'),
  description: (value) => typeof value === 'string',
  type: (value) => (Array.isArray(value) ? value : [value]).every((type) => types.includes(type as string)),
  enum: (value) => Array.isArray(value) && value.length > 0 && new Set(value).size === value.length,
  const: () => true,
  default: () => true,
  examples: Array.isArray,
  properties: (value) => typeof value === 'object',
  required: (value) =>
    Array.isArray(value) && new Set(value).size === value.length && value.every((name) => typeof name === 'string'),
  additionalProperties: (value) => value === false || typeof value === 'object',
  items: (value) => typeof value === 'object',
  minItems: Number.isSafeInteger,
  maxItems: Number.isSafeInteger,
  minimum: Number.isFinite,
  maximum: Number.isFinite,
  minLength: Number.isSafeInteger,
  maxLength: Number.isSafeInteger,
  pattern: (value) => new RegExp(String(value), 'u').source.length > 0,
  oneOf: (value) => Array.isArray(value) && value.length > 0,
};

describe('the OpenAPI document', () => {
  it('says which version it is of, what it is about, and has nothing at its top that 3.1 does not know', () => {
    expect(document['openapi']).toMatch(/^3\.1\.\d+$/);
    expect(at(document, 'info')).toMatchObject({
      title: expect.any(String) as string,
      version: expect.any(String) as string,
    });
    const known = [
      'openapi',
      'info',
      'jsonSchemaDialect',
      'servers',
      'paths',
      'webhooks',
      'components',
      'security',
      'tags',
    ];
    expect(Object.keys(document).filter((key) => !known.includes(key))).toEqual([]);
  });

  it('has every endpoint, with an id of its own', () => {
    expect(operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`).toSorted()).toEqual(
      endpoints.map(({ path, method }) => `${method} ${path}`).toSorted(),
    );
    const ids = operations.map(({ operation }) => operation['operationId']);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z]+$/);
  });

  it.each(operations)('describes $method $path as 3.1 wants it', ({ path, operation }) => {
    expect(path).toMatch(/^\/[^{}?#]*$/);
    const known = ['operationId', 'summary', 'description', 'security', 'parameters', 'requestBody', 'responses'];
    expect(Object.keys(operation).filter((key) => !known.includes(key))).toEqual([]);
    expect(operation['summary']).toMatch(/^[A-Z]/);
    const responses = Object.entries(at(operation, 'responses'));
    expect(responses.map(([status]) => status)).toEqual(['200', 'default']);
    expect(at(operation, 'responses', '200')['description']).toMatch(/./);
    for (const media of objectsWith('content', operation)) {
      const [[type, description] = ['', {}]] = Object.entries(at(media, 'content'));
      expect(type).toMatch(/^[a-z]+\/[\w+.-]+(; [a-z]+=[\w.-]+)*$/);
      expect(Object.keys(description as Json)).toEqual(['schema']);
    }
  });

  it('has every parameter once in its operation, described and in the query', () => {
    for (const { operation } of operations) {
      const parameters = (operation['parameters'] ?? []) as Json[];
      const names = parameters.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      for (const parameter of parameters) {
        expect(Object.keys(parameter)).toEqual(['name', 'in', 'description', 'required', 'schema']);
        expect(parameter).toMatchObject({ in: 'query', required: expect.any(Boolean) as boolean });
        expect(parameter['description']).toMatch(/\.$/);
      }
    }
  });

  it('refers only to what is there, and has nothing that nobody refers to', () => {
    const refs = objectsWith('$ref').map(({ $ref }) => String($ref));
    for (const ref of refs) expect(at(document, ...ref.slice(2).split('/')), ref).not.toEqual({});
    const components = ['schemas', 'responses'].flatMap((kind) =>
      Object.keys(at(document, 'components', kind)).map((name) => `#/components/${kind}/${name}`),
    );
    expect(components.filter((component) => !refs.includes(component))).toEqual([]);
  });

  it('names its security schemes, and opens the probes alone', () => {
    const schemes = Object.keys(at(document, 'components', 'securitySchemes'));
    for (const requirement of document['security'] as Json[]) {
      expect(Object.keys(requirement).filter((name) => !schemes.includes(name))).toEqual([]);
    }
    expect(operations.filter(({ operation }) => operation['security'] !== undefined).map(({ path }) => path)).toEqual([
      '/healthz',
      '/readyz',
    ]);
  });

  it('has schemas of keywords that JSON Schema 2020-12 has, each with a value that it takes', () => {
    expect(everySchema.length).toBeGreaterThan(50);
    for (const [place, schema] of everySchema) {
      for (const [keyword, value] of Object.entries(schema)) {
        expect(keywords[keyword]?.(value), `${place}: ${keyword}`).toBe(true);
      }
      const required = (schema['required'] ?? []) as string[];
      expect(
        required.filter((name) => !Object.hasOwn(at(schema, 'properties'), name)),
        place,
      ).toEqual([]);
    }
  });

  it.each(operations)('is enough to call $method $path', async ({ path, method, operation }) => {
    const { port } = await startAdmin();
    const { query, ...sent } = requestFor(method, operation);
    const response = await respond(port, `${path}?${query}`, sent);
    expect(response.statusCode).toBe(200);
    expect(Object.keys(at(operation, 'responses', '200', 'content'))).toEqual([response.headers['content-type']]);
    response.destroy();
  });
});
