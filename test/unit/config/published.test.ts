import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { configText, readConfig } from '../../../src/config/file.ts';
import { flags } from '../../../src/config/flags.ts';
import { camelCase } from '../../../src/config/names.ts';
import { parseDuration, parseSize } from '../../../src/config/quantities.ts';
import { duration, leafSays, size, text } from '../../../src/config/schema-leaves.ts';
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
    const configuration = page('configuration.md');
    expect(configuration).toBe(withTables(configuration, publishedSchema()));
  });

  it.each([
    [
      duration,
      parseDuration,
      ['0', '5ms', '5MS', '1.5S', '5 m', '2D', '5', 'ms', '1w', '-1s', '1.s', `${'9'.repeat(16)}s`],
    ],
    [size, parseSize, ['0', '64', '64b', '64KB', '1.5 mB', 'kb', '1tb', '-1', '1k', '9'.repeat(16)]],
  ] as const)('takes of a quantity what its reader takes', (leaf, parse, written) => {
    const pattern = new RegExp(leafSays.get(leaf)?.pattern ?? '');
    const isRead = (each: string): boolean => {
      try {
        return parse(each) >= 0;
      } catch {
        return false;
      }
    };
    expect(written.filter((each) => pattern.test(each))).toEqual(written.filter(isRead));
  });

  it('takes numbers where a file does', () => {
    expect(leafSays.get(duration)).toMatchObject({ type: ['string', 'integer'], minimum: 0, maximum: 0 });
    const file = {
      name: 'f',
      folder: '/',
      text: 'origin: http://a\ndefaultTtl: 0\nheaders: { response: { set: { X-A: 1.10 } } }',
    };
    expect(readConfig(file, {}, {}).routes[0]?.responseFields.set[0]?.value).toBe('1.10');
    expect(leafSays.get(text)).toMatchObject({ type: ['string', 'number'] });
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
