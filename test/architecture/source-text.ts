/**
 * TypeScript with the content of comments, strings and regular expressions blanked, so that a word that is left is code. Line
 * breaks stay. It knows as much of the grammar as it needs for that: a slash begins a regular expression where no operand
 * stands before it.
 */
export function codeOnly(text: string): string {
  return text.replace(token, (match, operandBefore: string | undefined, slashed: string | undefined) => {
    if (operandBefore !== undefined) return operandBefore;
    if (slashed !== undefined) return `${slashed.slice(0, slashed.indexOf('/'))}/ /`;
    if (match.startsWith('`')) return templateCode(match);
    if (match.startsWith("'") || match.startsWith('"')) return `${match[0]}${match[0]}`;
    return match.replace(/[^\n]/g, ' ');
  });
}

/** In this order: comments, quoted strings, templates, `operand /` (a division), `operator /…/` (a regular expression). */
const token =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|((?:[\w$)\]]\s*)\/(?![/*]))|([(,=:[!&|?{};\n>]\s*\/(?![/*])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/)/g;

/** What stands in the `${}` of a template is code. */
function templateCode(template: string): string {
  return [...template.matchAll(/\$\{([^{}]*)\}/g)].map((match) => `(${match[1]})`).join(' ');
}

/** An `import` or `export … from`, static or dynamic. */
export interface ImportStatement {
  readonly specifier: string;
  /** Only types cross: nothing is loaded for it at run time. */
  readonly typeOnly: boolean;
  readonly reexport: boolean;
  /** Loaded when that line is run, and not with the module. */
  readonly dynamic: boolean;
}

const importPattern =
  /^[ \t]*(import|export)\s+(type\s+)?([\w$*\s,{}]*?[}\w$*])\s*from\s*['"]([^'"]+)['"]|^[ \t]*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;

/** Every import of a module. */
export function importsOf(text: string): ImportStatement[] {
  return [...text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '').matchAll(importPattern)].map((match) => {
    const [, keyword, type, clause = '', from, bare, dynamic] = match;
    const names = /^\{([^}]*)\}$/.exec(clause.trim())?.[1];
    const listed = (names ?? '').split(',').filter((name) => name.trim() !== '');
    const allTypes = listed.length > 0 && listed.every((name) => name.trim().startsWith('type '));
    return {
      specifier: from ?? bare ?? dynamic ?? '',
      typeOnly: type !== undefined || allTypes,
      reexport: keyword === 'export',
      dynamic: dynamic !== undefined,
    };
  });
}
