import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { configText, readConfig } from '../../../src/config/file.ts';
import { flags } from '../../../src/config/flags.ts';
import { camelCase } from '../../../src/config/names.ts';
import { warningsOf } from '../../../src/config/warnings.ts';
import { withTables } from '../../docs/file-tables.ts';
import { publishedSchema, publishedText } from '../../docs/json-schema.ts';

const docs = new URL('../../../docs/', import.meta.url);

function page(name: string): string {
  return readFileSync(new URL(name, docs), 'utf8');
}

/** Variables that the examples name. */
const variables = { SHOP_API_KEY: 'a key' };

describe('what is published of the configuration file', () => {
  it('is the schema that files are held against; else run npm run docs', () => {
    expect(page('etagere.schema.json')).toBe(publishedText());
  });

  it('has its tables in docs/configuration.md; else run npm run docs', () => {
    const text = page('configuration.md');
    expect(text).toBe(withTables(text, publishedSchema()));
  });

  it('has a name for all that a flag says', () => {
    const { properties = {} } = publishedSchema();
    const { properties: limits = {} } = properties['limits'] as { properties?: Record<string, unknown> };
    const names = flags.map(({ name }) => camelCase(name.replace(/^no-/, ''))).filter((name) => name !== 'config');
    expect(names.filter((name) => !(name in properties) && !(name in limits))).toEqual([]);
  });

  it.each(readdirSync(new URL('examples', docs)))('has an example that is right: %s', (name) => {
    const path = fileURLToPath(new URL(`examples/${name}`, docs));
    expect(warningsOf(readConfig(configText(path), {}, variables))).toEqual([]);
    expect(page(`examples/${name}`)).toMatch(/^# yaml-language-server: \$schema=\.\.\/etagere\.schema\.json\n/);
  });
});
