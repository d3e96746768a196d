import { count, figure, listOf, record, said, text } from './phrases.ts';
import { refTo, type Schema, type Schemas } from './schema.ts';

const flag: Schema = { type: 'boolean' };
const textOrNull: Schema = { type: ['string', 'null'] };
const line: Schema = { type: 'array', items: text, minItems: 2, maxItems: 2 };
const rule = { name: text, section: said(text, 'Of an RFC.') };

/** How old something is and may become: of a stored response always, of an answer where it has an age. */
const freshness: Readonly<Record<string, Schema>> = {
  age: record(
    { initial: figure, resident: figure, total: figure },
    'Seconds: when it was received, since then, and both.',
  ),
  lifetime: record(
    { seconds: figure, source: text, from: said(text, 'What it was reckoned from, in words.') },
    'How old it may become.',
  ),
  ttl: said(figure, 'What is left of the lifetime; negative when stale.'),
};

const candidate: Schema = record(
  {
    ...freshness,
    status: count,
    selected: flag,
    because: said(text, 'Why it is selected, or is not.'),
    differs: listOf(
      record(
        { field: text, stored: textOrNull, presented: textOrNull },
        'A field that Vary names; null where a request does not have it.',
      ),
      'In what the request differs from the one that it was stored for.',
    ),
    alwaysValidate: flag,
    staleWhileRevalidate: figure,
    staleIfError: said(figure, 'Seconds past its lifetime that it may stand in for a 5xx of the origin.'),
    staleIfUnreachable: said(figure, 'The same where the origin does not answer.'),
    staleIfTooManyRequests: said(figure, 'The same for a 429.'),
    part: said(text, 'Which bytes it is, where it is a part.'),
    etag: text,
    lastModified: text,
  },
  'A stored response of the key.',
  ['part', 'etag', 'lastModified'],
);

const answer: Schema = record(
  {
    ...freshness,
    status: count,
    storable: flag,
    decidedBy: refTo('Rule'),
    rules: listOf(refTo('LookedAt')),
    detail: text,
  },
  'What the origin has answered, and whether that may be stored.',
  ['age', 'lifetime', 'ttl', 'detail'],
);

const change: Schema = record(
  {
    at: { type: 'string', enum: ['origin', 'client', 'configuration'] },
    what: said(text, 'A field, a flag, a setting that has none, or method or content of the request.'),
    setting: said(text, 'What a setting of the cache is called in a configuration file.'),
    before: said(textOrNull, 'null: it was not there.'),
    after: said(textOrNull, 'null: it is to be left out.'),
  },
  'One thing to change.',
  ['setting'],
);

const finding: Schema = record(
  {
    code: said(text, 'A stable word.'),
    severity: { type: 'string', enum: ['error', 'warning', 'info'] },
    section: said(text, 'Of an RFC; — where none says it.'),
    what: text,
    remedy: text,
    changes: listOf(change),
  },
  'Something about a response that costs hits, or may give somebody a wrong answer.',
);

const advice: Schema = record(
  {
    codes: listOf(text, 'Stable words for what is done.'),
    changes: listOf(change),
    cautions: listOf(text, 'What to think of before.'),
    cacheStatus: said(text, 'What the next request gets then.'),
  },
  'Changes that together make the next request a hit.',
);

/** The schemas of an explanation. */
export const explaining: Schemas = {
  Explanation: record(
    {
      url: text,
      method: text,
      route: text,
      key: record(
        {
          scheme: { type: 'string', enum: ['http', 'https'] },
          authority: text,
          target: text,
          nominated: {
            type: 'object',
            additionalProperties: textOrNull,
            description: 'The fields that Vary names, as this request has them.',
          },
        },
        'The parts of the cache key.',
      ),
      hit: flag,
      outcome: { type: 'string', enum: ['reuse', 'validate', 'complete', 'forward', 'refuse'] },
      cacheStatus: said(text, 'As far as it can be told beforehand.'),
      summary: text,
      details: listOf(
        record(
          { code: text, meaning: text, section: text, remedy: text },
          'A detail of Cache-Status with its meaning.',
        ),
      ),
      decidedBy: refTo('Rule'),
      rules: listOf(refTo('LookedAt'), 'Every rule that was looked at, in order.'),
      candidates: listOf(candidate),
      asks: listOf(line, 'What the origin would be asked beside what the client asks; absent where it is not asked.'),
      answer,
      fillInProgress: said(
        flag,
        'The origin is being asked for this key just now, and this request may wait for that answer.',
      ),
      advice: listOf(advice, 'Each by itself enough; empty for a hit.'),
      findings: listOf(finding, 'What a linter says of the response that is stored, or was not; the worst first.'),
    },
    'The key and its parts, the candidates, the rule that decided, and what would make it a hit.',
    ['asks', 'answer'],
  ),
  Rule: record(rule, 'A rule that decided.'),
  LookedAt: record({ ...rule, applied: flag }, 'A rule that was looked at.'),
};
