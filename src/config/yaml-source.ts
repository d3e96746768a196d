import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  stringify,
  type YAMLError,
} from 'yaml';
import type { Path, Problem } from './problems.ts';
import { standIn } from './pruning.ts';

/** Where something stands in a text: line and column, from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A mistake in what has no path: the text is neither YAML nor JSON. */
export interface SyntaxProblem {
  readonly position: Position;
  readonly problem: string;
  readonly advice: string;
}

/** A text of YAML 1.2 or JSON, read. Numbers are the text that stands there: `1.0` may be a version, and `5` lacks its unit. */
export interface YamlSource {
  /** Undefined where there is nothing. */
  readonly value: unknown;
  /** With them there is no value. */
  readonly syntaxProblems: readonly SyntaxProblem[];
  /** Names that are there again, after the one that is in the value. */
  readonly repeatedNames: readonly SyntaxProblem[];
  /** What YAML has and a configuration does not: what they are about is not in the value. */
  readonly problems: readonly Problem[];
  /** Where a problem is: at the name or the value that its path ends with, or at the nearest one above it. */
  positionOf(problem: Pick<Problem, 'path' | 'about'>): Position;
}

/** Levels that no configuration has. */
const maxDepth = 32;

/** Characters that no name has. */
const longestName = 256;

/** Names and values that no configuration has. */
const maxNodes = 50_000;

export function readYaml(text: string): YamlSource {
  const lines = new LineCounter();
  // What the library does for names that have to be unique takes the square of their number.
  const options = { version: '1.2', schema: 'core', prettyErrors: false, uniqueKeys: false } as const;
  const document = parseDocument(text, { ...options, lineCounter: lines });
  const walk = new Walk((offset) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  });
  const syntaxProblems = document.errors.map((error) => syntaxProblem(error, walk.position(error.pos[0])));
  if (document.directives?.yaml.explicit === true && document.directives.yaml.version !== '1.2') {
    const advice = 'take the line with %YAML away: this is read as YAML 1.2';
    syntaxProblems.push({ position: { line: 1, column: 1 }, problem: 'it says to be of another version', advice });
  }
  const { contents } = document;
  const read = syntaxProblems.length > 0 || contents === null ? undefined : walk.valueOf(contents, []);
  syntaxProblems.push(...walk.syntaxProblems);
  const value = syntaxProblems.length > 0 ? undefined : read;
  const { repeatedNames, problems, positionOf } = walk;
  return { value, syntaxProblems, repeatedNames, problems, positionOf };
}

/** The value as a configuration file has it. */
export function writeYaml(value: unknown): string {
  return stringify(value, { version: '1.2', schema: 'core', lineWidth: 0, aliasDuplicateObjects: false });
}

/** Turns nodes into plain values, and remembers where they stand. */
class Walk {
  readonly problems: Problem[] = [];
  readonly syntaxProblems: SyntaxProblem[] = [];
  readonly repeatedNames: SyntaxProblem[] = [];
  readonly position: (offset: number) => Position;
  #nodes = 0;
  readonly #positions = new Map<string, Record<Problem['about'], Position>>();

  constructor(position: (offset: number) => Position) {
    this.position = position;
  }

  readonly positionOf = ({ path, about }: Pick<Problem, 'path' | 'about'>): Position => {
    const found = this.#positions.get(JSON.stringify(path));
    if (found !== undefined) return found[about];
    return path.length === 0 ? { line: 1, column: 1 } : this.positionOf({ path: path.slice(0, -1), about: 'name' });
  };

  valueOf(node: Node, path: Path, name?: Position): unknown {
    this.#nodes += 1;
    if (this.#nodes > maxNodes) return undefined;
    const value = this.position(node.range?.[0] ?? 0);
    if (this.#nodes === maxNodes) {
      const advice = 'is it a configuration?';
      this.syntaxProblems.push({ position: value, problem: `it has more than ${maxNodes} values`, advice });
    }
    this.#positions.set(JSON.stringify(path), { name: name ?? value, value });
    const foreign = foreignTo(node, path);
    if (foreign !== undefined) {
      this.problems.push({ path, about: 'value', ...foreign });
      return standIn(path);
    }
    if (isMap(node)) return this.#mapping(node.items, path);
    if (isSeq(node)) return node.items.map((item, i) => (isNode(item) ? this.valueOf(item, [...path, i]) : undefined));
    return isScalar(node) ? plainValue(node) : undefined;
  }

  #mapping(pairs: readonly Pair[], path: Path): unknown {
    const lines = new Map<string, number>();
    const entries: [string, unknown][] = [];
    for (const pair of pairs) {
      const name = isScalar(pair.key) ? nameOf(pair.key) : undefined;
      const position = this.position(isNode(pair.key) ? (pair.key.range?.[0] ?? 0) : 0);
      const line = name === undefined ? undefined : lines.get(name);
      if (line === undefined) {
        entries.push(...this.#entry(pair, path));
        if (name !== undefined) lines.set(name, position.line);
      } else {
        const problem = `this name is there already, in line ${line}`;
        this.repeatedNames.push({ position, problem, advice: 'leave one of them out' });
      }
    }
    return Object.fromEntries(entries);
  }

  #entry({ key, value }: Pair, path: Path): [string, unknown][] {
    const nameAt = this.position(isNode(key) ? (key.range?.[0] ?? 0) : 0);
    if (!isScalar(key) || isForeignName(key)) {
      const advice = 'write a name and a colon; what begins with * or & or has other signs in it, in quotes';
      const last = [...path, '?'];
      this.#positions.set(JSON.stringify(last), { name: nameAt, value: nameAt });
      this.problems.push({ path: last, about: 'name', problem: 'this is not a name', advice });
      return [];
    }
    const name = nameOf(key);
    const own = [...path, name];
    this.#positions.set(JSON.stringify(own), { name: nameAt, value: nameAt });
    const read = isNode(value) ? this.valueOf(value, own, nameAt) : undefined;
    return read === undefined ? [] : [[name, read]];
  }
}

function nameOf(key: Scalar): string {
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

function isForeignName(key: Scalar): boolean {
  return nameOf(key).length > longestName || key.anchor !== undefined || key.tag !== undefined || key.value === null;
}

/** What YAML has and we have no use for, as it surprises those who do not know it. */
function foreignTo(node: Node, path: Path): Pick<Problem, 'problem' | 'advice'> | undefined {
  if (isAlias(node))
    return {
      problem: 'a bare * begins an alias, of which there are none here',
      advice: `write it in quotes: "*${node.source}"`,
    };
  if (path.length > maxDepth) return { problem: 'it is nested too deeply', advice: `take ${maxDepth} levels at most` };
  if ('anchor' in node && node.anchor !== undefined) {
    return {
      problem: 'a bare & begins an anchor, of which there are none here',
      advice: 'leave it out, or write the text in quotes',
    };
  }
  if (node.tag !== undefined)
    return {
      problem: 'a bare ! begins a tag, of which there are none here',
      advice: 'leave it out, or write the text in quotes',
    };
  if (!isScalar(node)) return undefined;
  if (node.value === null) return { problem: 'it has no value', advice: 'write one, or leave the name out' };
  if (typeof node.value === 'number' && !/^-?(?:\d+|\d*\.\d+)$/.test(node.source ?? '')) {
    return {
      problem: `${node.source} is a number to YAML, in another notation`,
      advice: 'write plain digits, or text in quotes',
    };
  }
  return undefined;
}

function plainValue({ value, source }: Scalar): unknown {
  return typeof value === 'number' ? source : value;
}

/** What is said in the place of the parser's words, where they mean little to whoever writes a configuration. */
const inOurWords: Partial<Record<YAMLError['code'], Pick<Problem, 'problem' | 'advice'>>> = {
  MULTIPLE_DOCS: { problem: 'a second document begins', advice: 'leave out --- and what follows' },
  TAB_AS_INDENT: { problem: 'a tab stands where the level is told', advice: 'indent with spaces' },
  BAD_ALIAS: { problem: 'a bare * begins an alias', advice: 'write it in quotes: "*"' },
};

function syntaxProblem({ code, message }: YAMLError, position: Position): SyntaxProblem {
  const ours = inOurWords[code];
  if (ours !== undefined) return { position, ...ours };
  const advice = 'texts with one of : # [ ] { } & * ! @ in them are safe in quotes, and levels are told by spaces';
  return { position, problem: `this is not YAML: ${withoutSource(message)}`, advice };
}

/** What stands there may be the piece of a secret. */
function withoutSource(message: string): string {
  return message.startsWith('Missing ') ? message : message.replace(/(?:: | (?=\\)).*$/s, '');
}
