import { deltaSeconds, qualifiedNames } from '../http/cache-control.ts';
import { parseEntityTag } from '../http/entity-tag.ts';
import { formatHttpDate } from '../http/date.ts';
import { fieldLines, fieldValue } from '../http/fields.ts';
import type { Seconds } from '../http/message.ts';
import { change, type LintRule, type Seen } from './finding.ts';

/** Rules about validators and times: what a stored response is validated by, and how old it is. */
export const validatorRules: readonly LintRule[] = [
  {
    code: 'validator-missing',
    severity: 'warning',
    section: 'RFC 9110 §8.8',
    look: (seen) => {
      if (seen.status !== 200 || seen.answer.contentBytes === 0 || hasValidator(seen)) return undefined;
      const zero = mustBeAsked(seen);
      const changes =
        seen.answer.digest === undefined ? [] : [change(seen, 'etag', `"${seen.answer.digest.slice(0, 16)}"`)];
      return {
        what: zero
          ? 'It is to be validated before each use, and has nothing to validate it by: neither ETag nor Last-Modified.'
          : 'It has neither ETag nor Last-Modified: once stale it is sent whole again, and does not outlast a failing origin well.',
        remedy:
          'Send an ETag made from the content, or the time of its last change; and answer If-None-Match with 304.',
        changes,
      };
    },
  },
  {
    code: 'etag-unstable',
    severity: 'error',
    section: 'RFC 9110 §8.8.3',
    look: (seen) => {
      const [before, after] = tagsOf(seen);
      if (before === undefined || after === undefined || before === after || !isSameContent(seen)) return undefined;
      return {
        what: `The same content came with ETag: ${before} and then ${after}: no validation ever succeeds.`,
        remedy:
          'Make it from the content, not from a time, an inode or a process: behind several servers it must be the same on each.',
        changes: [change(seen, 'etag', `"${seen.answer.digest?.slice(0, 16) ?? ''}"`)],
      };
    },
  },
  {
    code: 'etag-not-changed',
    severity: 'error',
    section: 'RFC 9110 §8.8.1',
    look: (seen) => {
      const [before, after] = tagsOf(seen);
      const isStrong = before !== undefined && parseEntityTag(before)?.weak === false;
      const [one, two] = [seen.answer.digest, seen.again?.digest];
      if (!isStrong || before !== after || one === undefined || two === undefined || one === two) return undefined;
      return {
        what: `Two different contents came with the same strong ETag: ${before}: a cache takes the old one for good, and parts of the two for one.`,
        remedy: 'Make it from the content; or say W/ before it, if the difference means nothing.',
        changes: [change(seen, 'etag', `W/${before}`)],
      };
    },
  },
  {
    code: 'etag-weak',
    severity: 'info',
    section: 'RFC 9110 §8.8.3',
    look: (seen) => {
      const [before] = tagsOf(seen);
      const tag = before === undefined ? undefined : parseEntityTag(before);
      if (tag?.weak !== true || !tag.text.startsWith('W/') || !isSameContent(seen)) return undefined;
      return {
        what: 'The ETag is weak: whole responses are validated by it, but parts (Range) can not be put together.',
        remedy: 'Send it without W/ if the content is the same byte by byte.',
        changes: [change(seen, 'etag', tag.opaque)],
      };
    },
  },
  {
    code: 'last-modified-in-future',
    severity: 'warning',
    section: 'RFC 9110 §8.8.2.1',
    look: (seen) => {
      const { lastModified, date } = seen.dates;
      const now = date ?? seen.answer.times.responseWallTime;
      if (lastModified === undefined || lastModified <= now) return undefined;
      return {
        what: `Last-Modified lies ${Math.ceil((lastModified - now) / 1000)} s after Date: nothing was changed in the future.`,
        remedy: 'Set the clock of the server right, or send the time of the message in its place.',
        changes: [change(seen, 'last-modified', formatHttpDate(now))],
      };
    },
  },
  {
    code: 'date-skew',
    severity: 'warning',
    section: 'RFC 9110 §6.6.1',
    look: (seen) => {
      const skew = skewOf(seen);
      if (skew === undefined || Math.abs(skew) <= maxSkew) return undefined;
      const [far, effect] =
        skew > 0
          ? ['ahead of', 'Expires is reckoned from it']
          : ['behind', 'that counts as age, and takes from the lifetime'];
      return {
        what: `Its Date is ${Math.abs(skew)} s ${far} the clock here: ${effect}.`,
        remedy: 'Set the clock of the server right; where a cache answers in its place, that has to send Age.',
        changes: [],
      };
    },
  },
  {
    code: 'age-from-another-cache',
    severity: 'info',
    section: 'RFC 9111 §5.1',
    look: (seen) => {
      const age = fieldLines(seen.fields, 'age')[0];
      if (age === undefined) return undefined;
      return {
        what: `It comes with Age: ${age}: another cache is before the origin, and what it was held there is lost here.`,
        remedy: 'Ask the origin itself, or have it tell the cache before it another lifetime (CDN-Cache-Control).',
        changes: [],
      };
    },
  },
];

const maxSkew: Seconds = 60;

/** How far Date is ahead of the clock here, in seconds, what Age explains left out; undefined without Date. */
function skewOf({ dates, fields, answer }: Seen): Seconds | undefined {
  if (dates.date === undefined) return undefined;
  const skew = Math.round((dates.date - answer.times.responseWallTime) / 1000);
  const age = Number(fieldValue(fields, 'age') ?? 0);
  return skew < 0 && age > 0 ? Math.min(0, skew + age) : skew;
}

function hasValidator({ fields }: Seen): boolean {
  return fieldValue(fields, 'etag') !== undefined || fieldValue(fields, 'last-modified') !== undefined;
}

/** Whether it may not be used without asking (RFC 9111 §5.2.2.4), or is stale at once. */
function mustBeAsked({ control }: Seen): boolean {
  return qualifiedNames(control, 'no-cache') === 'all' || deltaSeconds(control, 'max-age') === 0;
}

function tagsOf({ answer, again }: Seen): [before: string | undefined, after: string | undefined] {
  return [fieldLines(answer.response.fields, 'etag')[0], again && fieldLines(again.response.fields, 'etag')[0]];
}

function isSameContent({ answer, again }: Seen): boolean {
  return answer.digest !== undefined && answer.digest === again?.digest;
}
