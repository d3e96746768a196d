import type { Candidate, Difference, Explanation } from '../explain/explanation.ts';
import { shownName } from '../explain/field-names.ts';
import { shownValue } from '../http/shown-value.ts';
import { isUsualField } from './asked-fields.ts';

/**
 * What to ask with for a response that is stored, where none suits the request as it was asked about (RFC 9111 §4.1): the one that differs in the fewest fields.
 * Undefined where one suits, and where what they differ in is not shown.
 */
export function variantHint({ candidates }: Pick<Explanation, 'candidates'>): string | undefined {
  if (candidates.some(({ selected }) => selected)) return undefined;
  const [nearest] = candidates.filter(isSayable).toSorted((a, b) => a.differs.length - b.differs.length);
  return nearest?.differs.map(asked).join(' and ');
}

function isSayable({ differs }: Candidate): boolean {
  return differs.length > 0 && differs.every(({ field, stored }) => stored === null || isShown(field, stored));
}

/** An empty value can't be asked with: a usual field without one is not sent. */
function isShown(field: string, stored: string): boolean {
  return stored !== '' && shownValue(field, stored) === stored;
}

function asked({ field, stored }: Difference): string {
  const name = shownName(field);
  if (stored !== null) return `-H '${name}: ${stored.replaceAll("'", String.raw`'\''`)}'`;
  return isUsualField(field) ? `-H '${name}:'` : `no ${name}`;
}
