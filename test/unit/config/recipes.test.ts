import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { describe, expect, it } from 'vitest';
import { configText, readConfig } from '../../../src/config/file.ts';
import { warningsOf } from '../../../src/config/warnings.ts';

const recipes = new URL('../../../docs/recipes/', import.meta.url);
const names = readdirSync(recipes, { withFileTypes: true })
  .filter((file) => file.isDirectory())
  .map((file) => file.name);

/** Variables that the recipes name. */
const variables = { API_KEY: 'a key', ADMIN_TOKEN: 'a-token-of-sixteen-characters' };

function text(name: string): string {
  return readFileSync(new URL(name, recipes), 'utf8');
}

describe('recipes', () => {
  it('are all in the list of recipes, each with a page', () => {
    const list = text('README.md');
    expect(
      names.filter((name) => !list.includes(`(${name}.md)`) || !existsSync(new URL(`${name}.md`, recipes))),
    ).toEqual([]);
    expect(names.length).toBeGreaterThan(5);
  });

  it.each(names)('have a configuration that is right: %s', (name) => {
    const path = fileURLToPath(new URL(`${name}/etagere.yaml`, recipes));
    expect(warningsOf(readConfig(configText(path), {}, variables))).toEqual([]);
  });

  it.each(names)('show their files as they are: %s', (name) => {
    const page = text(`${name}.md`);
    const files = readdirSync(new URL(name, recipes));
    expect(
      files.filter(
        (file) => !page.includes(`\n${text(`${name}/${file}`)}\`\`\``) && !page.includes(`(${name}/${file})`),
      ),
    ).toEqual([]);
    expect(page).toContain(`\n${text(`${name}/etagere.yaml`)}\`\`\``);
  });

  it('bring their configuration to Kubernetes unchanged', () => {
    const manifests = parseAllDocuments(text('kubernetes-sidecar/sidecar.yaml')).map((each): unknown => each.toJS());
    expect(manifests).toContainEqual(
      expect.objectContaining({
        kind: 'ConfigMap',
        data: { 'etagere.yaml': text('kubernetes-sidecar/etagere.yaml') },
      }),
    );
  });
});
