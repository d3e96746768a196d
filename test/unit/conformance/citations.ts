import { readdirSync } from 'node:fs';
import { read } from './page.ts';

/** Where the source refers to a section of an RFC. */
export interface Citation {
  /** Path from the root of the project. */
  readonly path: string;
  /** `RFC 9111`. */
  readonly rfc: string;
  /** `4.2.3`. */
  readonly section: string;
}

/** Every `RFC nnnn §x.y` in src, also those behind a comma: `RFC 9110 §14.2, §17.15`. */
export function citations(): readonly Citation[] {
  const files = readdirSync(new URL('../../../src/', import.meta.url), { recursive: true, encoding: 'utf8' });
  return files
    .map((file) => `src/${file}`)
    .filter((path) => path.endsWith('.ts'))
    .toSorted()
    .flatMap((path) => citationsIn(read(path)).map((cited) => ({ path, ...cited })));
}

/** The citations of a text; a line break with the start of a comment line may stand where a space may. */
export function citationsIn(text: string): readonly Omit<Citation, 'path'>[] {
  const flowing = text.replace(/\n\s*(?:\*|\/\/)\s*/g, ' ');
  return [...flowing.matchAll(/(RFC \d{4})((?:,?(?: and)? §\d+(?:\.\d+)*)+)/g)].flatMap(([, rfc = '', sections = '']) =>
    [...sections.matchAll(/§(\d+(?:\.\d+)*)/g)].map(([, section = '']) => ({ rfc, section })),
  );
}

/** Whether one of the sections is the other, or holds it: `4.2` and `4.2.3`, but not `4.2` and `4.20`. */
export function related(a: string, b: string): boolean {
  return `${a}.`.startsWith(`${b}.`) || `${b}.`.startsWith(`${a}.`);
}
