import { fieldValue } from '../../src/http/fields.ts';
import type { ResponseHead } from '../../src/http/message.ts';
import { describedBy } from '../harness/described-content.ts';
import type { Outcome, Violation } from './judge.ts';
import type { Sayings } from './sayings.ts';
import type { History } from './reference.ts';

/** Whether the heads belong together, and the content is what the origin has sent with them: all of it, or the part that it says. */
export function contentTrouble(
  outcome: Outcome,
  head: ResponseHead,
  history: History,
  sayings: Sayings,
): Violation | undefined {
  const [first] = history;
  if (first === undefined) return undefined;
  const { asking, content, end } = outcome;
  if (first.url !== asking.url) return { invariant: 'I1', says: `it is of ${first.url}` };
  const number = sayings.numberOf(first.identity);
  // A HEAD may tell by a length or a date alone, or by nothing at all; what is not validated by a tag is not known to be the same.
  const other = history.find(
    (each) => each.fields.has('etag') && each.method === 'GET' && sayings.numberOf(each.identity) !== number,
  );
  if (other !== undefined)
    return {
      invariant: 'I1',
      says: `made from heads of different content: ${JSON.stringify(history.map(({ identity }) => identity))}`,
    };
  if (end !== 'complete') return undefined;
  if (head.status === 304) return notModifiedTrouble(outcome, number, content);
  if (asking.step.method !== 'GET' || head.status === 416)
    return content.length === 0 || head.status >= 400
      ? undefined
      : { invariant: 'I1', says: 'content where there is none' };
  const whole = sayings.contentOf(first.identity);
  if (head.status === 206) return partsTrouble(head, content, whole);
  if (content.equals(whole)) return undefined;
  const isCut = content.length < whole.length && whole.subarray(0, content.length).equals(content);
  return isCut
    ? { invariant: 'I4', says: `${content.length} of ${whole.length} bytes, and a good end` }
    : { invariant: 'I1', says: `other content than ${JSON.stringify(first.identity)}: ${described(content)}` };
}

function described(content: Buffer): string {
  try {
    return JSON.stringify(describedBy(content.toString('latin1')));
  } catch (error) {
    return String(error);
  }
}

/** RFC 9110 §15.4.5: what the client has is what there is. */
function notModifiedTrouble({ asking }: Outcome, number: number, content: Buffer): Violation | undefined {
  if (content.length > 0) return { invariant: 'I1', says: 'a 304 with content' };
  const tag = asking.fields.get('if-none-match')?.replace(/^W\//, '');
  return tag === `"${number}"`
    ? undefined
    : { invariant: 'I1', says: `a 304 about "${number}" for who has ${String(tag)}` };
}

/** RFC 9110 §15.3.7. */
function partsTrouble(head: ResponseHead, content: Buffer, whole: Buffer): Violation | undefined {
  const boundary = /^multipart\/byteranges; *boundary="?([^"]*)/.exec(
    fieldValue(head.fields, 'content-type') ?? '',
  )?.[1];
  const parts =
    boundary === undefined
      ? [{ range: fieldValue(head.fields, 'content-range') ?? '', content }]
      : partsOf(content, boundary);
  if (parts.length === 0) return { invariant: 'I1', says: 'a 206 without a part' };
  for (const part of parts) {
    const [, from = '', to = '', length = ''] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(part.range) ?? [];
    const expected = whole.subarray(Number(from), Number(to) + 1);
    if (Number(length) === whole.length && part.content.equals(expected)) continue;
    const isCut =
      part.content.length < expected.length && expected.subarray(0, part.content.length).equals(part.content);
    return { invariant: isCut ? 'I4' : 'I1', says: `what it says is ${part.range} of ${whole.length} is not` };
  }
  return undefined;
}

function partsOf(content: Buffer, boundary: string): { readonly range: string; readonly content: Buffer }[] {
  const text = content.toString('latin1');
  const pieces = text.split(`--${boundary}`).slice(1, -1);
  return pieces.map((piece) => {
    const end = piece.indexOf('\r\n\r\n');
    const range = /content-range: *([^\r]*)/i.exec(piece.slice(0, end))?.[1] ?? '';
    return { range, content: Buffer.from(piece.slice(end + 4, -2), 'latin1') };
  });
}
