import { UsageError } from '../config/usage-error.ts';
import { isFieldValue, isToken, trimOws } from '../http/fields.ts';
import type { Question } from '../listener/asked-request.ts';

/** What most clients send, and a request that is asked about unless it says otherwise. */
const usualFields: Question['fields'] = [
  ['Accept', '*/*'],
  ['Accept-Encoding', 'gzip, deflate, br'],
  ['User-Agent', 'etagere-explain'],
];

/** Whether a request has that field without being told. */
export function isUsualField(name: string): boolean {
  return usualFields.some(([usual]) => usual.toLowerCase() === name.toLowerCase());
}

/**
 * The fields of a request with these header lines, each like `Accept: text/html`: those, and the usual ones that they do not name. A usual one that is named
 * without a value is not sent, as curl has it.
 * @throws UsageError for what is no header line
 */
export function askedFields(lines: readonly string[]): Question['fields'] {
  const given = lines.map(fieldOf);
  const named = new Set(given.map(([name]) => name.toLowerCase()));
  return [
    ...usualFields.filter(([name]) => !named.has(name.toLowerCase())),
    ...given.filter(([name, value]) => value !== '' || !isUsualField(name)),
  ];
}

function fieldOf(line: string): readonly [name: string, value: string] {
  const colon = line.indexOf(':');
  const [name, value] = [line.slice(0, colon), trimOws(line.slice(colon + 1))];
  if (colon > 0 && isToken(name) && isFieldValue(value)) return [name, value];
  throw new UsageError(`"${line}" is no header line`, "write something like -H 'Accept-Language: de'");
}
