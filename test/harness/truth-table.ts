import { readFileSync } from 'node:fs';

/** Bytes from a client, and what each reader is to take them for. */
export interface TruthRow {
  readonly title: string;
  /** Latin1, a byte a character. */
  readonly bytes: string;
  /** The status of each answer of Etagere. */
  readonly etagere: string;
  /** The requests that reach the origin, with their content. */
  readonly origin: string;
  /** What a bare node:http takes them for, by the first line of Node that does. */
  readonly node: ReadonlyMap<number, string>;
}

const widthOfNames = 13;

/**
 * Reads a table like fixtures/truth-table/requests.txt.
 *
 * @throws Error where a row has not what it needs, or something that nobody reads
 */
export function readTruthTable(path: string): readonly TruthRow[] {
  const blocks = readFileSync(path, 'utf8').split(/\n{2,}/);
  return blocks.filter((block) => !block.startsWith('#')).map((block) => readRow(block.trimEnd()));
}

/** What a bare node:http of this line of Node is to take the bytes for. */
export function expectedOfNode({ node }: TruthRow, major: number): string | undefined {
  return [...node].filter(([since]) => since <= major).at(-1)?.[1];
}

function readRow(block: string): TruthRow {
  const [title = '', ...lines] = block.split('\n');
  const entries: { name: string; text: string }[] = [];
  for (const line of lines) {
    const [name, text] = [line.slice(0, widthOfNames).trim(), line.slice(widthOfNames)];
    const last = entries.at(-1);
    if (name !== '') entries.push({ name, text });
    else if (last?.name === 'client') last.text += text;
    else throw new Error(`${title}: nothing goes on at ${JSON.stringify(line)}`);
  }
  const columns = new Map(entries.map(({ name, text }) => [name, text]));
  const column = (name: string): string => {
    const text = columns.get(name);
    if (text === undefined) throw new Error(`${title}: there is no ${name}`);
    columns.delete(name);
    return unescaped(text);
  };
  const [bytes, etagere] = [column('client'), column('etagere')];
  if (!/^RFC \d+ §/.test(column('rule'))) throw new Error(`${title}: the rule is no section of an RFC`);
  const origin = columns.has('origin') ? column('origin') : '';
  const node = new Map([...columns.keys()].map((name) => [Number(/^node (\d\d)$/.exec(name)?.[1]), column(name)]));
  if (!node.has(20) || node.has(Number.NaN)) throw new Error(`${title}: its columns are not as they should be`);
  return { title, bytes, etagere, origin, node };
}

function unescaped(text: string): string {
  const named = new Map([
    ['\\r', '\r'],
    ['\\n', '\n'],
    ['\\t', '\t'],
    ['\\0', '\0'],
    ['\\\\', '\\'],
  ]);
  return text.replace(
    /\\(?:x([0-9a-f]{2})|.)/g,
    (found, code: string | undefined) =>
      named.get(found) ?? String.fromCharCode(Number.parseInt(code ?? 'no such escape', 16)),
  );
}
