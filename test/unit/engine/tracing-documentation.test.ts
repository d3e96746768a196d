import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';

const page = readFileSync(new URL('../../../docs/tracing.md', import.meta.url), 'utf8');
const source = readFileSync(new URL('../../../src/engine/tracing.ts', import.meta.url), 'utf8');

/** The first cells of the rows of the first table behind that heading. */
function firstCells(heading: string): string[] {
  const table = page
    .split(`${heading}\n`)[1]
    ?.split('\n\n')
    .find((part) => part.trimStart().startsWith('|'));
  return [...(table ?? '').matchAll(/^\| `([^`]+)`/gm)].map(([, cell = '']) => cell);
}

/** The members of an interface of the module. */
function membersOf(name: string): string[] {
  const body = source.split(`export interface ${name} {`)[1]?.split('\n}')[0] ?? '';
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??:/gm)].map(([, member = '']) => member);
}

describe('docs/tracing.md', () => {
  it('has every channel', () => {
    const channels = [...source.matchAll(/channel\('([^']+)'\)/g)].map(([, channel]) => channel);
    expect(channels).toHaveLength(5);
    expect(firstCells('## Channels')).toEqual(channels);
  });

  it('has every field of the messages', () => {
    expect(membersOf('RequestTrace').length).toBeGreaterThan(3);
    expect(firstCells('### Exchange')).toEqual(membersOf('RequestTrace'));
    expect(firstCells('### Question')).toEqual(membersOf('OriginTrace'));
  });

  it('has an example that finds a field by its name, and nothing where there is none', () => {
    const reader = /const fieldsReader = (\{.*?\n\});/s.exec(page)?.[1] ?? '';
    const read = runInNewContext(`(fields, name) => (${reader}).get(fields, name)`) as (
      fields: readonly string[],
      name: string,
    ) => string | undefined;
    const fields = ['host', 'tracestate', 'traceparent', '00-1-2-01'];
    expect(['traceparent', 'tracestate', 'host'].map((name) => read(fields, name))).toEqual([
      '00-1-2-01',
      undefined,
      'tracestate',
    ]);
  });

  it('has an example that subscribes to each of them', () => {
    const example = /```js\n([^`]*(?:`[^`]+`[^`]*)*)```/.exec(page)?.[1] ?? '';
    expect(firstCells('## Channels').filter((channel) => !example.includes(`subscribe('${channel}'`))).toEqual([]);
  });
});
