import * as v from 'valibot';
import { defaultLimits } from '../engine/limits.ts';
import { cacheStatusModes } from '../http/cache-status.ts';
import { type LimitName, limitFlags } from './limit-flags.ts';
import { camelCase } from './names.ts';
import type { EtagereOptions } from './options.ts';
import { formatQuantity } from './quantities.ts';
import { defaultListen } from './resolve.ts';
import {
  address,
  count,
  duration,
  mapping,
  namesBelow,
  network,
  oneOrMore,
  record,
  said,
  share,
  size,
  text,
  url,
} from './schema-leaves.ts';
import { origin, sentence } from './schema-origins.ts';
import { type EntriesOf, key, route, ruleEntries } from './schema-routes.ts';
import { logModes } from './values.ts';

/** What a program and a file say alike. */
const commonEntries = {
  listen: said(
    oneOrMore(address),
    'Where to listen, one address or several; only a port means the loopback address. `http://` or `https://` may stand before it; without, it is https where there is a `tlsCert`.',
    defaultListen,
  ),
  origin: said(
    v.union([text, origin]),
    'The URL of the server to cache; or the name of one of `origins`; or all that may be said of one. For the routes that name none, and for the requests that no route matches.',
  ),
  origins: said(record(v.union([url, origin])), 'Origins by name: each a URL, or all that may be said of it.'),
  ...ruleEntries,
  routes: said(
    v.array(route),
    'What is done with which requests, in this order: the first that matches decides. What a route does not say is as it is on top.',
  ),
  preserveHost: said(v.boolean(), "Sends the client's Host to the origin, not the origin's own.", false),
  originCa: said(
    text,
    'A file with the certificates in PEM of the authorities that origins of https are trusted by, in the place of those that Node trusts. Relative names start at the folder of the configuration file, here and in the next two. See [operating](operating.md#tls-to-the-origin).',
  ),
  originCert: said(
    text,
    'A file with a certificate in PEM, its chain behind it, that is shown to origins which ask for one.',
  ),
  originKey: said(text, 'The file with its private key in PEM, without a passphrase.'),
  originServerName: said(
    text,
    'The name that origins of https are asked for in TLS, and that their certificates have to be for, in the place of the host in the URL: for one that is given by its address.',
  ),
  tlsCert: said(
    oneOrMore(text),
    'A file with a certificate in PEM, its chain behind it; or several, of which a client gets the one for the name that it asks for. Relative names start at the folder of the configuration file, here and in `tlsKey`.',
  ),
  tlsKey: said(
    oneOrMore(text),
    'The file with its private key in PEM, without a passphrase; as many as there are certificates, in the same order.',
  ),
  memory: said(
    size,
    'All that the shelf may hold: content, headers, keys.',
    formatQuantity('bytes', defaultLimits.memoryBytes),
  ),
  store: said(
    text,
    'Where responses are kept: `memory` alone; or beside it `disk:DIRECTORY`, which outlasts the process, or a Redis that others share, `redis://HOST:PORT/0`, `rediss://` or `redis+cluster://HOST:PORT,HOST:PORT`. See [operating](operating.md). `${NAME}` is that environment variable. Relative directories start at the folder of the configuration file.',
    'memory',
  ),
  disk: said(
    size,
    'All that the shelf on a disk may hold, where `store` is one.',
    formatQuantity('bytes', defaultLimits.diskBytes),
  ),
  workers: said(
    v.union([count, v.literal('auto')]),
    'Processes that answer clients, or `auto` for one on each core. They share a shelf, and `memory` is that of all of them. For the command alone.',
    1,
  ),
  log: said(
    v.picklist(logModes),
    'The access log: `combined` is the format of Apache and nginx; `auto` is `pretty` on a terminal, else `json`.',
    'auto',
  ),
  logFile: said(
    text,
    'The file that the access log is appended to, in the place of stdout; SIGHUP opens it anew. Relative names start at the folder of the configuration file.',
  ),
  cacheStatus: said(
    v.picklist(cacheStatusModes),
    'How much of what became of a request its client is told in Cache-Status: all, `brief` for whether it was a hit or why not, or nothing.',
    'full',
  ),
  encodeTarget: said(
    v.boolean(),
    'Percent-encodes characters that browsers send raw, vertical bars and braces among them, instead of refusing them.',
    false,
  ),
  fastLane: said(v.boolean(), 'Reads and answers plain requests past node:http.', true),
  trustProxy: said(v.array(network), 'Addresses and networks of proxies that are believed about their clients.'),
  admin: said(
    address,
    'Where the admin API listens, like `127.0.0.1:8081`. Off unless given. Any but a loopback address needs a token.',
  ),
  adminToken: said(
    text,
    'What the admin API wants as `Authorization: Bearer`, 16 characters or more: `${NAME}` for an environment variable.',
  ),
  adminTokenFile: said(
    text,
    'A file that holds the token, in its place. Relative names start at the folder of the configuration file.',
  ),
  purgeFrom: said(
    v.array(network),
    'Addresses and networks of clients whose PURGE requests purge. Without it PURGE is answered 501.',
  ),
} satisfies EntriesOf<Omit<EtagereOptions, 'limits'>>;

const limitNames = Object.keys(limitFlags) as LimitName[];

/** As a program says it: numbers, in the unit of the name. */
const programLimits = mapping(
  Object.fromEntries(limitNames.map((name) => [name, said(v.number(), sentence(limitFlags[name].summary))])),
);

const leafOf = { bytes: size, ms: duration, count, share } as const;

/** As a file says it: named like the flag, with units. */
const fileLimits = mapping(
  Object.fromEntries(
    limitNames.map((limit) => {
      const { name, kind, summary } = limitFlags[limit];
      return [camelCase(name), said(leafOf[kind], sentence(summary), formatQuantity(kind, defaultLimits[limit]))];
    }),
  ),
);

/** The options of `createEtagere()`. */
export const programSchema = mapping(
  { ...commonEntries, limits: said(programLimits, 'Other limits than the default ones.') },
  [...namesBelow('key', key), ...namesBelow('limits', programLimits)],
);

/** A configuration file, once YAML or JSON has been understood. */
export const fileSchema = mapping(
  {
    $schema: said(text, 'For editors that complete by a JSON Schema; means nothing here.'),
    ...commonEntries,
    limits: said(fileLimits, 'Other limits than the default ones. Each is also a flag.'),
  },
  [...namesBelow('key', key), ...namesBelow('limits', fileLimits)],
);
