import type { JsonSchema } from '@valibot/to-json-schema';

/** Where the tables stand in docs/configuration.md. */
const begin = '<!-- From the schema, by npm run docs: begin -->';
const end = '<!-- From the schema: end -->';

/** The page with the tables that belong to the schema. */
export function withTables(page: string, schema: JsonSchema): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error('docs/configuration.md has lost the place of its tables');
  return `${page.slice(0, from)}${begin}\n\n${new Tables(schema).text()}\n\n${page.slice(to)}`;
}

/** Names with values that have a table of their own. */
interface Mapping {
  /** `origin.ejection` */
  readonly title: string;
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly required: readonly string[];
}

/** A heading and a table for each mapping, in the order in which one comes to them. */
class Tables {
  readonly #schema: JsonSchema;
  readonly #mappings: Mapping[] = [];

  constructor(schema: JsonSchema) {
    this.#schema = schema;
    this.#visit(schema, '');
  }

  text(): string {
    return this.#mappings.map((mapping) => this.#section(mapping)).join('\n\n');
  }

  /** What is said in two places, like edits of requests and of responses, has its table where it is said first. */
  #visit(schema: JsonSchema, title: string): void {
    const properties = propertiesOf(schema);
    if (properties === undefined || this.#titleOf(properties) !== undefined) return;
    this.#mappings.push({ title, properties, required: schema.required ?? [] });
    for (const [name, property] of Object.entries(properties)) {
      for (const inner of this.#mappingsIn(property)) this.#visit(inner, title === '' ? name : `${title}.${name}`);
    }
  }

  #titleOf(properties: Mapping['properties']): string | undefined {
    const text = JSON.stringify(properties);
    return this.#mappings.find((mapping) => JSON.stringify(mapping.properties) === text)?.title;
  }

  #mappingsIn(schema: JsonSchema): JsonSchema[] {
    const resolved = this.#resolved(schema);
    if (resolved.properties !== undefined) return [resolved];
    const { anyOf = [], items, additionalProperties } = resolved;
    return [...anyOf, items, additionalProperties].flatMap((inner) => (isSchema(inner) ? this.#mappingsIn(inner) : []));
  }

  #section({ title, properties, required }: Mapping): string {
    const entries = Object.entries(properties);
    // A route may say what is said on top; that is not told twice.
    const repeated = title === '' ? [] : entries.filter(([name, property]) => this.#isOnTop(name, property));
    const own = entries.filter((entry) => !repeated.includes(entry));
    const rows = own.map(([name, property]) => this.#row(name, property, required.includes(name)));
    const names = repeated.map(([name]) => `\`${name}\``).join(', ');
    return [
      title === '' ? '### On top' : `### \`${title}\``,
      '',
      '| name | value | default | what it does |',
      '|---|---|---|---|',
      ...rows,
      ...(repeated.length === 0 ? [] : [`| ${names} | | | As on top, for this alone. |`]),
    ].join('\n');
  }

  #isOnTop(name: string, property: JsonSchema): boolean {
    return JSON.stringify(propertiesOf(this.#schema)?.[name]) === JSON.stringify(property);
  }

  #row(name: string, property: JsonSchema, isNeeded: boolean): string {
    const byDefault = property.default === undefined ? '' : inCode(property.default);
    const cells = [`\`${name}\``, this.#valueOf(property), isNeeded ? 'needed' : byDefault, property.description ?? ''];
    return `| ${cells.join(' | ')} |`;
  }

  /** What may stand there, in words. */
  #valueOf(schema: JsonSchema): string {
    const resolved = this.#resolved(schema);
    const { title, anyOf, items, enum: choices, properties, additionalProperties } = resolved;
    if (title !== undefined) return title;
    if (choices !== undefined) return choices.map(inCode).join(', ');
    if (anyOf !== undefined)
      return anyOf
        .filter(isSchema)
        .map((inner) => this.#valueOf(inner))
        .join(' or ');
    if (isSchema(items)) return `list of ${this.#valueOf(items)}`;
    if (properties !== undefined) {
      const heading = this.#titleOf(propertiesOf(resolved) ?? {}) ?? '';
      return `[\`${heading}\`](#${heading.toLowerCase().replaceAll('.', '')})`;
    }
    if (isSchema(additionalProperties)) return `names with ${this.#valueOf(additionalProperties)}`;
    return resolved.const === undefined ? '`true` or `false`' : inCode(resolved.const);
  }

  #resolved(schema: JsonSchema): JsonSchema {
    const definition = this.#schema.$defs?.[schema.$ref?.replace('#/$defs/', '') ?? ''];
    return isSchema(definition) ? definition : schema;
  }
}

function propertiesOf({ properties }: JsonSchema): Record<string, JsonSchema> | undefined {
  if (properties === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, inner]) => (isSchema(inner) ? [[name, inner]] : [])),
  );
}

function isSchema(schema: unknown): schema is JsonSchema {
  return typeof schema === 'object' && schema !== null && !Array.isArray(schema);
}

/** A value as one would write it. */
function inCode(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
