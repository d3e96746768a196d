import { assertNever } from '../../src/http/message.ts';
import type { Description } from '../harness/described-content.ts';
import type { Script } from './sequence.ts';

export interface OriginAnswer {
  readonly status: number;
  readonly content: Buffer;
  readonly fields: Map<string, string>;
}

/** 304, a part, or all of it (RFC 9110 §13.2.2, §14.2). */
export function answerOf(
  script: Script,
  request: ReadonlyMap<string, string>,
  whole: Buffer,
  validators: ReadonlyMap<string, string>,
): OriginAnswer {
  const fields = new Map(validators);
  const framed = (content: Buffer): Buffer => {
    if (script.framing === 'length') fields.set('content-length', String(content.length));
    return content;
  };
  if (script.status !== 200) return { status: script.status, content: framed(whole), fields };
  if (script.validates && hasWhatThereIs(request, validators)) return { status: 304, content: Buffer.alloc(0), fields };
  const range = script.hasRanges ? /^bytes=(\d*)-(\d*)$/.exec(request.get('range') ?? '') : null;
  const condition = request.get('if-range');
  if (range === null || (condition !== undefined && condition !== validators.get('etag')))
    return { status: 200, content: framed(whole), fields };
  const [, first = '', last = ''] = range;
  const from = first === '' ? Math.max(0, whole.length - Number(last)) : Number(first);
  const to = first === '' || last === '' ? whole.length - 1 : Math.min(Number(last), whole.length - 1);
  if (from > to) {
    fields.set('content-range', `bytes */${whole.length}`);
    return { status: 416, content: framed(Buffer.alloc(0)), fields };
  }
  fields.set('content-range', `bytes ${from}-${to}/${whole.length}`);
  return { status: 206, content: framed(whole.subarray(from, to + 1)), fields };
}

function hasWhatThereIs(request: ReadonlyMap<string, string>, validators: ReadonlyMap<string, string>): boolean {
  const tags = request.get('if-none-match');
  const tag = validators.get('etag');
  if (tags !== undefined) return tag !== undefined && tags.split(',').map(opaque).includes(opaque(tag));
  const since = Date.parse(request.get('if-modified-since') ?? '');
  return since >= Date.parse(validators.get('last-modified') ?? '');
}

/** RFC 9110 §8.8.3.2: compared weakly. */
function opaque(tag: string): string {
  return tag.trim().replace(/^W\//, '');
}

/** A date is older than any that a sequence reaches, and another for each version. */
export function validatorsOf(
  { validator }: Script,
  { generation }: Description,
  number: number,
): ReadonlyMap<string, string> {
  const modified = new Date(Date.UTC(2026, 0, 14) + generation * 1_000).toUTCString();
  switch (validator) {
    case 'strong':
      return new Map([['etag', `"${number}"`]]);
    case 'weak':
      return new Map([['etag', `W/"${number}"`]]);
    case 'date':
      return new Map([['last-modified', modified]]);
    case 'none':
      return new Map();
    default:
      return assertNever(validator);
  }
}
