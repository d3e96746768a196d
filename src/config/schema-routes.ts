import * as v from 'valibot';
import type {
  BypassOptions,
  EditOptions,
  HeadersOptions,
  KeyOptions,
  MatchOptions,
  RouteOptions,
  RouteRules,
  StaleIfErrorOptions,
  TtlOptions,
} from './options.ts';
import { duration, mapping, namesBelow, needed, oneOrMore, record, said, text } from './schema-leaves.ts';
import { presetNames } from './values.ts';

/** A schema for each name that there is: one that is forgotten is a type error. */
export type EntriesOf<T> = Readonly<Record<keyof T, v.GenericSchema>>;

const staleIfError = mapping({
  '5xx': said(duration, 'While the origin answers 500, 502, 503 or 504.'),
  unreachable: said(duration, 'While the origin can not be reached, or does not answer in time.'),
  '429': said(duration, 'While the origin answers 429: nothing else counts for that.'),
} satisfies EntriesOf<StaleIfErrorOptions>);

const ttl = mapping({
  lifetime: needed(duration, 'The freshness lifetime.'),
  force: said(
    v.boolean(),
    'Counts against `private`, `no-store`, `no-cache` and Set-Cookie too, but not in answers to Authorization. One client may then get what was made for another: `etagere check` and the start warn of it.',
    false,
  ),
  notFound: said(duration, 'The lifetime of 404 and 410. Unless said, what the origin says of them counts.'),
} satisfies EntriesOf<TtlOptions>);

/** What of the query counts. */
export const key = mapping({
  sortQuery: said(v.boolean(), 'Sorts the parameters by name, so that their order makes no difference.', false),
  dropQuery: said(oneOrMore(text), 'Names of parameters that are left out: `gclid`, `utm_*`.'),
  keepQuery: said(oneOrMore(text), 'The only names of parameters that are not left out. Not beside `dropQuery`.'),
  dropCookie: said(
    oneOrMore(text),
    'Names of cookies that make no difference: `_ga*`, or `*` for all. Left out of requests that change nothing, before anything looks at them; the origin does not get them either. What `bypass` means keeps them.',
  ),
} satisfies EntriesOf<KeyOptions>);

const path =
  'Patterns for the path, without the query: `/about`, or with `*` for any characters, slashes too: `/static/*`, `*.png`. `%2F` is no slash, as it is none in the key: for an origin that takes it for one, name `/account%2F*` as well.';

const bypass = mapping({
  path: said(oneOrMore(text), path),
  cookie: said(oneOrMore(text), 'Names of cookies: `session`, `wordpress_logged_in_*`.'),
  header: said(
    oneOrMore(text),
    'Request fields: `X-Preview`, whatever its value, or `X-Preview: yes`, a value that may have a `*`.',
  ),
} satisfies EntriesOf<BypassOptions>);

const edits = mapping({
  remove: said(oneOrMore(text), 'Names of fields that are taken away.'),
  set: said(record(text), 'Fields by name, in the place of all lines of that name.'),
  add: said(record(oneOrMore(text)), 'Fields by name, beside the lines of that name.'),
} satisfies EntriesOf<EditOptions>);

const headers = mapping({
  request: said(edits, 'Edits of what the origin is asked. In values `${NAME}` is that environment variable.'),
  response: said(edits, 'Edits of what clients get, whether it comes from the shelf or not.'),
} satisfies EntriesOf<HeadersOptions>);

/** What may be said of a route, and on top for all routes. */
export const ruleEntries = {
  preset: said(
    v.picklist(presetNames),
    '`safe`, or `rfc`: every permission of RFC 9111 is used, also those that have leaked data elsewhere.',
    'safe',
  ),
  defaultTtl: said(duration, 'Freshness lifetime of responses about which the origin says nothing at all.', '0s'),
  staleWhileRevalidate: said(
    duration,
    'How long past its lifetime a response is served while it is validated in the background, where the origin says nothing of that.',
    '0s',
  ),
  staleIfError: said(
    v.union([duration, staleIfError]),
    'How long past its lifetime a response is served while the origin fails, where the origin says nothing of that: whatever the cause, or by cause. Without end with the preset `rfc`.',
    '0s',
  ),
  staleBesideSMaxage: said(
    v.boolean(),
    'Lets `stale-while-revalidate` and `stale-if-error` count beside `s-maxage`, which RFC 9111 §5.2.2.10 has forbid it.',
    false,
  ),
  allowUnkeyedEcho: said(
    v.boolean(),
    'Has a response stored also where it repeats what one client has sent in a field that neither the key nor `Vary` holds. One client can poison it for all then. So with the preset `rfc`.',
    false,
  ),
  ttl: said(
    v.union([duration, ttl]),
    'Freshness lifetime in the place of what the origin says. What is `private` or `no-store`, or sets cookies, stays what it is.',
  ),
  key: said(
    key,
    'What is left out of the query. The target that is left is the cache key, and what the origin is asked for.',
  ),
  bypass: said(
    bypass,
    'Requests that are always forwarded, and whose responses are never stored. One match is enough.',
  ),
  headers: said(
    headers,
    'Fields that are edited; those of framing, of a connection, and those by which caches and origins decide can not be.',
  ),
} satisfies EntriesOf<RouteRules>;

const match = mapping({
  host: said(
    oneOrMore(text),
    '`example.com`; `*.example.com`, every name below it; `example.com:8443`, only on that port.',
  ),
  path: said(oneOrMore(text), path),
  method: said(oneOrMore(text), '`GET` (which is HEAD as well), `POST`, …'),
} satisfies EntriesOf<MatchOptions>);

/** All that may be said of a route. */
export const route = mapping(
  {
    name: said(text, 'For logs and metrics: letters, digits, `-` and `_`. By default what it matches.'),
    match: said(match, 'All that is given has to match; of a list, one. Left out, every request matches.'),
    origin: said(text, 'The name of one of `origins`, or a URL. By default the `origin` on top.'),
    ...ruleEntries,
  } satisfies EntriesOf<RouteOptions>,
  [...namesBelow('match', match), ...namesBelow('key', key)],
);
