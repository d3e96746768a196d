import { readFileSync, writeFileSync } from 'node:fs';
import { publishedSchema, publishedText } from './json-schema.ts';
import { withTables } from './file-tables.ts';

/** `npm run docs`: writes what a test holds against the schema. */
const docs = new URL('../../docs/', import.meta.url);
const page = new URL('configuration.md', docs);

writeFileSync(new URL('etagere.schema.json', docs), publishedText());
writeFileSync(page, withTables(readFileSync(page, 'utf8'), publishedSchema()));
