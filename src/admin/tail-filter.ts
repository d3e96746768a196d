import { nearest } from '../config/nearest.ts';
import { EtagereError } from '../errors.ts';
import type { TailRecord } from '../observe/statistics.ts';
import type { TailWords } from './tail-words.ts';

/** What a record has under each name that can be asked for: a new one without a row here is a type error. */
const kinds: Readonly<Record<keyof TailRecord, 'text' | 'number' | 'flag'>> = {
  time: 'text',
  method: 'text',
  url: 'text',
  host: 'text',
  status: 'number',
  route: 'text',
  cache: 'text',
  hit: 'flag',
  fwd: 'text',
  detail: 'text',
  tier: 'text',
  bytes: 'number',
  ms: 'number',
  elsewhereMs: 'number',
  client: 'text',
  error: 'text',
  rest: 'text',
  reason: 'text',
  end: 'text',
  lost: 'number',
};

/** What is between a name and a value, and when it holds. What a record does not have counts as the empty text. */
const relations: Readonly<Record<string, (held: string, wanted: string) => boolean>> = {
  '=': (held, wanted) => held === wanted,
  '!=': (held, wanted) => held !== wanted,
  '~': (held, wanted) => held.includes(wanted),
  '!~': (held, wanted) => !held.includes(wanted),
  '>': (held, wanted) => held !== '' && Number(held) > Number(wanted),
  '<': (held, wanted) => held !== '' && Number(held) < Number(wanted),
  '>=': (held, wanted) => held !== '' && Number(held) >= Number(wanted),
  '<=': (held, wanted) => held !== '' && Number(held) <= Number(wanted),
};

/**
 * Which records to show: each filter is `detail=set-cookie`, `url~/api/`, `status>=500`, `hit!=true`; all must hold.
 * One that could never hold, or always would, is refused.
 * @throws EtagereError ADMIN_REQUEST_INVALID
 */
export function tailFilter(filters: readonly string[], words: TailWords): (record: TailRecord) => boolean {
  const tests = filters.map((filter) => parseFilter(filter, words));
  return (record) => tests.every((test) => test(record));
}

function parseFilter(text: string, words: TailWords): (record: TailRecord) => boolean {
  const [, name = '', sign = '', wanted = ''] = /^(\w+)(!=|!~|>=|<=|[=~<>])(.*)$/s.exec(text) ?? [];
  const relation = relations[sign];
  if (relation === undefined) throw refused(text, 'must be like detail=set-cookie, url~/api/ or status>=500');
  if (!isName(name)) throw refused(text, `asks for ${name}; there is ${Object.keys(kinds).join(', ')}`);
  const fault = comparisonFault(name, sign, wanted) ?? wordFault(name, sign, wanted, words[name]);
  if (fault !== undefined) throw refused(text, fault);
  return (record) => relation(String(record[name] ?? ''), wanted);
}

/** Why what is asked of that name could never hold, or not be meant. */
function comparisonFault(name: keyof TailRecord, sign: string, wanted: string): string | undefined {
  const kind = kinds[name];
  const isEquality = sign === '=' || sign === '!=';
  if (kind === 'flag') {
    return isEquality && /^(?:true|false)$/.test(wanted)
      ? undefined
      : `must be ${name}=true, ${name}=false, ${name}!=true or ${name}!=false`;
  }
  const isOrder = /[<>]/.test(sign);
  if (kind === 'text') {
    return isOrder
      ? `asks whether ${name} is more or less than something; only ${numbers().join(', ')} can be`
      : undefined;
  }
  // No number at all is what a record has that lacks it.
  const isSense = isNumber(wanted) || (isEquality && wanted === '');
  return (isOrder || isEquality) && !isSense ? `must compare ${name} with a number, like ${name}${sign}500` : undefined;
}

/** Most words that are listed for whoever wrote another. */
const listedWords = 12;

/** Why what is asked for is none of the words that there are. No text at all is what a record has that lacks it. */
function wordFault(name: string, sign: string, wanted: string, words?: readonly string[]): string | undefined {
  if (words === undefined || wanted === '' || words.includes(wanted) || !/^!?=$/.test(sign)) return undefined;
  const meant = nearest(wanted, words);
  const more = words.length > listedWords ? `, and ${words.length - listedWords} more` : '';
  const there = `there is ${words.slice(0, listedWords).join(', ')}${more}`;
  return `asks for ${name === 'error' ? 'an error' : `a ${name}`} that there is not; ${meant === undefined ? there : `did you mean ${meant}?`}`;
}

function isNumber(text: string): boolean {
  return /^-?\d+(?:\.\d+)?$/.test(text);
}

function numbers(): string[] {
  return Object.entries(kinds).flatMap(([name, kind]) => (kind === 'number' ? [name] : []));
}

function refused(text: string, why: string): EtagereError {
  return new EtagereError('ADMIN_REQUEST_INVALID', `filter "${text}" ${why}`);
}

function isName(name: string): name is keyof TailRecord {
  return Object.hasOwn(kinds, name);
}
