import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { conversation } from '../differential/conversation.ts';

/** The same for all runs: what is repeated by its seed has to begin with the same texts. */
const seed = 1;

/** Texts of `fixtures/fuzz/`, one JSON string a line; a character is a byte. */
export function corpus(name: string): readonly string[] {
  const text = readFileSync(join(import.meta.dirname, '../../fixtures/fuzz', `${name}.jsonl`), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as string);
}

/** What clients send on a connection: as it is kept, and as it is generated to hold both lanes against each other. */
export function requests(): readonly string[] {
  const generated = fc.sample(conversation, { seed, numRuns: 400 }).map(({ pieces }) => pieces.join(''));
  return [...corpus('requests'), ...generated.filter((text) => text.length < 3_000)];
}

/** Samples of an arbitrary, always the same. */
export function samples<T>(arbitrary: fc.Arbitrary<T>, count: number): readonly T[] {
  return fc.sample(arbitrary, { seed, numRuns: count });
}

/** What parsers of fields look for. */
export const fieldWords = corpus('field-words');

/** What readers of messages look for. */
export const messageWords = corpus('message-words');
