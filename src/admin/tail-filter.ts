import { EtagereError } from '../errors.ts';
import type { TailRecord } from '../observe/statistics.ts';

/** Every name of a record that can be asked for: a new one without a row here is a type error. */
const names: Readonly<Record<keyof TailRecord, true>> = {
  time: true,
  method: true,
  url: true,
  host: true,
  status: true,
  cache: true,
  hit: true,
  fwd: true,
  detail: true,
  bytes: true,
  ms: true,
  client: true,
  error: true,
  reason: true,
  end: true,
  lost: true,
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
 * @throws EtagereError ADMIN_REQUEST_INVALID
 */
export function tailFilter(filters: readonly string[]): (record: TailRecord) => boolean {
  const tests = filters.map(parseFilter);
  return (record) => tests.every((test) => test(record));
}

function parseFilter(text: string): (record: TailRecord) => boolean {
  const [, name = '', sign = '', wanted = ''] = /^(\w+)(!=|!~|>=|<=|[=~<>])(.*)$/s.exec(text) ?? [];
  const relation = relations[sign];
  if (relation === undefined || !isName(name)) {
    const what =
      relation === undefined || name === ''
        ? 'must be like detail=set-cookie, url~/api/ or status>=500'
        : `asks for ${name}; there is ${Object.keys(names).join(', ')}`;
    throw new EtagereError('ADMIN_REQUEST_INVALID', `filter "${text}" ${what}`);
  }
  return (record) => relation(String(record[name] ?? ''), wanted);
}

function isName(name: string): name is keyof TailRecord {
  return Object.hasOwn(names, name);
}
