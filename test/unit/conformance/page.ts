import { readFileSync } from 'node:fs';

/** docs/conformance.md, read as data. */

const root = new URL('../../../', import.meta.url);

/** The text of a file, by its path from the root of the project. */
export function read(path: string): string {
  return readFileSync(new URL(path, root), 'utf8');
}

/** One requirement of an RFC, and what becomes of it here. */
export interface Requirement {
  /** `RFC 9111`, or the name of a draft's field. */
  readonly rfc: string;
  /** `4.2.3`. */
  readonly section: string;
  /** The BCP 14 keywords in the text, in bold there. */
  readonly keywords: readonly string[];
  readonly text: string;
  /** Undefined where there is none. */
  readonly decidedIn: { readonly name: string; readonly path: string } | undefined;
  /** Paths from the root, without the extension. */
  readonly proofs: readonly string[];
  /** `met`, or the other word with its reason behind a colon. */
  readonly status: string;
}

/** The rows of the page, in order. A row that can't be read is an error that quotes it. */
export function requirements(): readonly Requirement[] {
  const rows: Requirement[] = [];
  let rfc = '';
  for (const line of read('docs/conformance.md').split('\n')) {
    rfc = /^## (RFC \d+|No-Vary-Search)/.exec(line)?.[1] ?? rfc;
    if (/^\| \d/.test(line)) rows.push(requirement(rfc, line));
  }
  return rows;
}

function requirement(rfc: string, line: string): Requirement {
  const cells = line.split('|').map((cell) => cell.trim());
  const [, section = '', text = '', where = '', proofs = '', status = ''] = cells;
  if (cells.length !== 7) throw new Error(`not five columns: ${line}`);
  const keywords = [...text.matchAll(/\*\*([A-Z ]+)\*\*/g)].map(([, keyword = '']) => keyword);
  return { rfc, section, keywords, text, decidedIn: place(where), proofs: paths(proofs), status };
}

function place(cell: string): Requirement['decidedIn'] {
  if (cell === '–') return undefined;
  const [, name, path] = /^`(#?\w+)` in `(src\/[\w/-]+\.ts)`$/.exec(cell) ?? [];
  if (name === undefined || path === undefined) throw new Error(`not a function in a file: ${cell}`);
  return { name, path };
}

function paths(cell: string): readonly string[] {
  if (cell === '–') return [];
  return cell.split(', ').map((path) => {
    const [, plain] = /^`((?:fixtures|test)\/[\w./-]+)`$/.exec(path) ?? [];
    if (plain === undefined) throw new Error(`not a fixture or a test: ${path}`);
    return plain;
  });
}
