import { type ConversionConfig, type JsonSchema, toJsonSchema } from '@valibot/to-json-schema';
import { fileSchema } from '../../src/config/schema.ts';
import { leafSays } from '../../src/config/schema-leaves.ts';
import { origin, server } from '../../src/config/schema-origins.ts';

/** What a quantity is, is not in its shape: `leafSays` has it. */
const overrideSchema: NonNullable<ConversionConfig['overrideSchema']> = ({ valibotSchema }) => {
  const says = leafSays.get(valibotSchema);
  return says === undefined ? undefined : (structuredClone(says) as unknown as JsonSchema);
};

/** The JSON Schema of a configuration file (draft-07, as editors know it best). */
export function publishedSchema(): JsonSchema {
  const schema = toJsonSchema(fileSchema, { overrideSchema, definitions: { origin, server } });
  return { title: 'Configuration of Etagere', ...schema };
}

/** As `docs/etagere.schema.json` has it. */
export function publishedText(): string {
  return `${JSON.stringify(publishedSchema(), null, 2)}\n`;
}
