import { defaultPageEntries, maxPageEntries } from './limits.ts';
import { explaining } from './explanation-schema.ts';
import { count, figure, listOf, record, said, text } from './phrases.ts';
import { refTo, type Schema, type Schemas } from './schema.ts';
import { tiersBeneath } from './tail-words.ts';

const absoluteUrl: Schema = {
  type: 'string',
  pattern: '^[hH][tT][tT][pP][sS]?://[^/?#]',
  maxLength: 16_384,
  examples: ['http://localhost:8080/a'],
};

/** What a purge, or a preview of it, may be about; `mode` is for the purge. */
const selected: Readonly<Record<string, Schema>> = {
  url: said(absoluteUrl, 'Every variant of that URL, and the responses to its QUERY requests.'),
  entry: said({ type: 'string', minLength: 1, maxLength: 1_024 }, 'One stored response: its `id` from /v1/entries.'),
  prefix: said(absoluteUrl, 'Every URL that begins with it, compared byte by byte. Without a path it means `/`.'),
  host: said(
    { type: 'string', minLength: 1, maxLength: 1_024 },
    'Everything of a host as clients ask for it, with its port where that is not 80.',
  ),
  tag: said(
    { type: 'string', minLength: 1, maxLength: 1_024 },
    'Everything that named it in Surrogate-Key, Cache-Tag, xkey or Cache-Groups.',
  ),
  all: said({ const: true }, 'Everything.'),
};

function selectionWith(more: Readonly<Record<string, Schema>>, description: string): Schema {
  return {
    type: 'object',
    description,
    properties: { ...selected, ...more },
    additionalProperties: false,
    oneOf: Object.keys(selected).map((name) => ({ required: [name] })),
  };
}

const hint: Schema = said(text, 'Where nothing matched: what was most likely meant, or why it only seems so.');

const purging: Schemas = {
  Selection: selectionWith({}, 'What a purge would be about: exactly one of these.'),
  Purge: selectionWith(
    {
      mode: {
        type: 'string',
        enum: ['soft', 'hard'],
        default: 'soft',
        description:
          '`soft`: stale from now on, validated before its next use, and still there while the origin fails. `hard`: gone.',
      },
    },
    'What to purge, exactly one of url, entry, prefix, host, tag and all; and how.',
  ),
  Receipt: record(
    {
      matched: said(
        count,
        'Stored responses that it was about. By prefix, host, tag or all, what lies in a Redis is purged and not counted.',
      ),
      stale: said(count, 'Of these, made stale.'),
      removed: said(count, 'Of these, removed.'),
      fillsDoomed: said(
        count,
        'Requests to the origin under way, whose responses go to the clients that caused them and are not stored.',
      ),
      acknowledged: listOf(
        record(
          {
            instance: text,
            inForceMs: said(figure, 'Milliseconds until nothing of before was used any more.'),
            ms: said(
              figure,
              'Milliseconds until all that matched had been looked at; absent for others who share the shelf, whose memory is not waited for.',
            ),
          },
          'An instance, and how long it took there.',
          ['ms'],
        ),
        'Who has done it.',
      ),
      unheard: listOf(
        text,
        'Instances that share the shelf and have not said in time that it is in force there; absent where all have.',
      ),
      hint,
    },
    'What a purge has done.',
    ['unheard', 'hint'],
  ),
  Preview: record(
    { matched: count, sample: listOf(text, 'URLs of some of them.'), hint },
    'What a purge would match. Nothing was done.',
    ['hint'],
  ),
};

const browsing: Schemas = {
  Entry: record(
    {
      id: said(text, 'Names it for a purge, as long as it is on the shelf.'),
      url: said(text, 'Values of parameters that look secret are `[redacted]`.'),
      method: { type: 'string', enum: ['GET', 'QUERY'] },
      status: count,
      variant: {
        type: 'object',
        additionalProperties: text,
        description:
          'The fields that Vary names, as the request had them that it was stored for; of credentials only the length.',
      },
      contentBytes: count,
      age: said(figure, 'Seconds.'),
      ttl: said(figure, 'Seconds that are left of its lifetime; negative when stale.'),
      state: {
        type: 'string',
        enum: ['fresh', 'stale', 'purged'],
        description: '`purged`: softly, so that it is validated before its next use.',
      },
      validator: said(text, 'Its entity-tag, or else its Last-Modified.'),
      tags: listOf(text),
      fields: listOf(
        { type: 'array', items: text, minItems: 2, maxItems: 2 },
        'Name and value of each field, as stored; of credentials only the length, of Set-Cookie all but the value.',
      ),
    },
    'One stored response.',
    ['validator'],
  ),
  Entries: record(
    { entries: listOf(refTo('Entry')), cursor: said(text, 'For the next page; absent on the last one.') },
    `A page of stored responses: ${defaultPageEntries} unless said, ${maxPageEntries} at most.`,
    ['cursor'],
  ),
};

const watching: Schemas = {
  Statistics: record(
    {
      since: said(figure, 'Milliseconds since the epoch.'),
      uptimeSeconds: figure,
      requests: said(count, 'Finished exchanges: hits, collapsed, misses, and what Etagere answered by itself.'),
      hits: said(count, 'Answered from the shelf without asking anybody.'),
      collapsed: said(count, 'Answered by the response to the request of another client.'),
      misses: said(count, 'Asked the origin, or would have had to.'),
      refused: said(count, 'Never became a request, as they could not or would not be read.'),
      errors: said(count, 'Ended with an error of the origin or of Etagere.'),
      hitRatio: said(figure, 'hits / (hits + collapsed + misses).'),
      byteHitRatio: said(figure, 'bytesFromShelf / bytesSent.'),
      bytesSent: said(count, 'Content alone.'),
      bytesFromShelf: count,
      byReason: {
        type: 'object',
        additionalProperties: count,
        description: 'Requests by what Cache-Status said, without its numbers.',
      },
      series: listOf(refTo('Second'), 'The last 120 seconds; the last is the one under way.'),
      memory: record(
        {
          responses: count,
          bytesUsed: count,
          bytesLimit: count,
          evictions: said(count, 'Dropped to make room, since the start.'),
          variantEvictions: said(count, 'Of these, dropped as their URI had as many variants as it may.'),
          unprovenEvictions: said(count, 'Of these, dropped as they were new, and not asked for again in time.'),
        },
        'The memory shelf.',
      ),
      store: record(
        {
          kind: { type: 'string', enum: tiersBeneath },
          isUp: said({ type: 'boolean' }, 'False while it is left alone, as it failed.'),
          hits: said(count, 'Of all hits, those that were found there.'),
          responses: said(count, 'Absent where nobody counts them, like the bytes.'),
          bytesUsed: count,
          bytesLimit: count,
          evictions: said(count, 'Dropped to make room, since the start.'),
          failures: said(count, 'Calls that failed: each was a miss, or a response that was not kept there.'),
          damaged: said(count, 'Records that were not what had been written: each was a miss, and taken away.'),
        },
        'The shelf beneath memory; absent where there is none.',
        ['responses', 'bytesUsed', 'bytesLimit'],
      ),
      originActive: said(count, 'Requests at the origin now.'),
      originQueued: said(count, 'Requests that wait for one of its connections.'),
      origins: listOf(refTo('Origin'), 'The configured ones.'),
      workers: listOf(refTo('Worker'), 'Where there are several, all of which these figures are of.'),
      workerDeaths: said(count, 'Of workers, those that ended though nobody had asked them to, and were replaced.'),
    },
    'What was counted since the start.',
    ['store', 'workers', 'workerDeaths'],
  ),
  Origin: record(
    {
      name: said(text, 'In the configuration; `default` where it has none.'),
      servers: listOf(
        record(
          {
            url: text,
            up: said(
              { type: 'boolean' },
              'Whether it gets requests while others do. Absent where nobody looks at its health.',
            ),
          },
          'A server, and how it is now.',
          ['up'],
        ),
      ),
    },
    'An origin.',
  ),
  Worker: record(
    {
      instance: said(text, 'As the receipts of purges name it.'),
      answered: said({ type: 'boolean' }, 'Whether it told its figures in time; else they are the last that it told.'),
      requests: said(count, 'Of all, its own. Absent, like `uptimeSeconds`, of one that has told nothing so far.'),
      uptimeSeconds: said(figure, 'Since it began.'),
    },
    'One of several processes.',
    ['requests', 'uptimeSeconds'],
  ),
  Second: record(
    {
      at: said(figure, 'Milliseconds since the epoch.'),
      requests: count,
      lookups: said(count, 'Of these, hits, collapsed and misses.'),
      hits: count,
      bytes: count,
      errors: count,
    },
    'One second.',
  ),
  Top: record({ rows: listOf(refTo('TopRow')) }, 'The first URLs by that order.'),
  TopRow: record(
    {
      url: text,
      requests: count,
      hits: count,
      misses: count,
      bytes: count,
      lastDetail: said(text, 'The detail of its last answer that had one; empty where none had.'),
      atMost: said(
        count,
        'Set where there may have been more of what it is ordered by, before it was remembered: no more than this in all.',
      ),
    },
    'What was counted of one URL, since it is remembered.',
    ['atMost'],
  ),
  TailRecord: record(
    {
      time: text,
      method: text,
      url: text,
      host: text,
      status: said(count, '0: the client left before there was one.'),
      route: said(text, 'The name of the configured route that it took.'),
      cache: said(text, 'The member of Cache-Status.'),
      hit: { type: 'boolean' },
      fwd: text,
      detail: text,
      tier: said(text, 'Where a hit was found, if not in memory: disk or redis.'),
      bytes: count,
      ms: figure,
      elsewhereMs: said(figure, 'Of it, what it waited for another instance that asked the origin for the same.'),
      client: text,
      error: said(text, 'A code of the table of errors.'),
      rest: said(text, 'What became of the rest of content that a disk or a Redis could not give to its end.'),
      reason: said(text, 'Why it was refused.'),
      end: { type: 'string', enum: ['complete', 'client-left', 'broken'] },
      lost: said(count, 'Records before this one that this listener was too slow for.'),
    },
    'One finished request, in the words of the access log.',
    [
      'method',
      'url',
      'host',
      'route',
      'cache',
      'hit',
      'fwd',
      'detail',
      'tier',
      'bytes',
      'ms',
      'elsewhereMs',
      'error',
      'rest',
      'reason',
      'end',
      'lost',
    ],
  ),
};

const running: Schemas = {
  Life: record({ alive: { const: true } }, 'The process answers.'),
  Readiness: record(
    {
      ready: { const: true },
      degraded: listOf(
        { type: 'string', enum: ['store'] },
        'What it does without at the moment; absent where that is nothing. `store`: the shelf beneath memory.',
      ),
    },
    'Requests are welcome.',
    ['degraded'],
  ),
  Configuration: { type: 'object', description: 'Every setting that is in force, with secrets taken out.' },
  Reload: {
    type: 'object',
    description: 'Nothing: which file it is was said at the start. Only its type has to be there.',
    properties: {},
    additionalProperties: false,
  },
  Reloaded: record(
    { reloaded: { const: true }, changed: listOf(text), warnings: listOf(text) },
    'The new configuration is in force; `changed` has the names of what is different.',
  ),
  Problem: record(
    {
      type: text,
      title: text,
      status: count,
      detail: said(text, 'What was wrong this time.'),
      code: said(text, 'A code of the table of errors: match on this.'),
    },
    'A problem document (RFC 9457).',
  ),
};

/** Every schema of the API that has a name. */
export const schemas: Schemas = { ...purging, ...browsing, ...explaining, ...watching, ...running };
