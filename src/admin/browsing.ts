import type { Limits } from '../engine/limits.ts';
import type { EntriesQuery } from '../engine/operations.ts';
import { EtagereError } from '../errors.ts';
import type { RequestHead } from '../http/message.ts';
import { requestFor } from '../listener/asked-request.ts';
import type { Endpoint } from './endpoint.ts';
import { defaultPageEntries, maxListings, maxPageEntries } from './limits.ts';
import { provided } from './provided.ts';
import { refTo } from './schema.ts';
import { parseTargetUri } from './target-uri.ts';

/** What the parameters of /v1/explain let pass. */
interface ExplainQuery {
  readonly url: string;
  readonly method?: string;
  readonly header?: readonly string[];
}

/**
 * The request that would be sent for that URL with those fields, as the gate would let it in.
 * @throws EtagereError ADMIN_REQUEST_INVALID
 */
function requestOf({ url, method, header = [] }: ExplainQuery, limits: Limits): RequestHead {
  const uri = parseTargetUri(url, 'url');
  const request = requestFor({ uri, method, fields: header.map(fieldLine) }, limits);
  if (!(request instanceof EtagereError)) return request;
  throw new EtagereError('ADMIN_REQUEST_INVALID', `such a request would be refused: ${request.message}`);
}

/** Name and value of a line as it is written: `Accept: text/html`. */
function fieldLine(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  if (colon > 0) return [line.slice(0, colon), line.slice(colon + 1).trim()];
  throw new EtagereError('ADMIN_REQUEST_INVALID', `header "${line}" must be like Accept: text/html`);
}

const entries: Endpoint = {
  method: 'GET',
  path: '/v1/entries',
  name: 'listEntries',
  summary: 'What is stored, page by page',
  description: 'Responses that come and go meanwhile may be missed; none is there twice.',
  access: 'guarded',
  parameters: [
    {
      name: 'match',
      description: 'A part of the URL; with *, a pattern for all of it: *://*/assets/*.',
      schema: { type: 'string', minLength: 1, maxLength: 8_192 },
    },
    {
      name: 'tag',
      description: 'Only what named this tag.',
      schema: { type: 'string', minLength: 1, maxLength: 1_024 },
    },
    {
      name: 'cursor',
      description: 'The cursor of the page before.',
      schema: { type: 'string', pattern: '^[0-9]{1,10}$', maxLength: 10, examples: ['50'] },
    },
    {
      name: 'limit',
      description: 'Most entries of the page.',
      schema: { type: 'integer', minimum: 1, maximum: maxPageEntries, default: defaultPageEntries },
    },
  ],
  answer: { description: 'A page.', contentType: 'application/json', schema: refTo('Entries') },
  atOnce: maxListings,
  run: async ({ parts, query }) => ({
    kind: 'json',
    value: await provided(parts.operations, 'listing entries').entries(query as unknown as EntriesQuery),
  }),
};

const explain: Endpoint = {
  method: 'GET',
  path: '/v1/explain',
  name: 'explain',
  summary: 'Why a request is or is not a hit, and what would make it one',
  access: 'guarded',
  parameters: [
    {
      name: 'url',
      description: 'The URL as clients ask for it.',
      required: true,
      schema: { type: 'string', minLength: 1, maxLength: 8_192 },
    },
    {
      name: 'method',
      description: 'The method of the request.',
      schema: { type: 'string', enum: ['GET', 'HEAD'], default: 'GET' },
    },
    {
      name: 'header',
      description: 'A field of the request, as Name: value. May be given several times.',
      schema: { type: 'array', items: { type: 'string', maxLength: 8_192 }, maxItems: 100 },
    },
  ],
  answer: { description: 'The explanation.', contentType: 'application/json', schema: refTo('Explanation') },
  run: async ({ parts, query }) => ({
    kind: 'json',
    value: await provided(parts.explain, 'explaining')(requestOf(query as unknown as ExplainQuery, parts.limits)),
  }),
};

export const browsing: readonly Endpoint[] = [entries, explain];
