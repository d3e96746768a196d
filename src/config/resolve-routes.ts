import type { Seconds } from '../http/message.ts';
import { type PresetName, presets } from '../policy/config.ts';
import type {
  Duration,
  EtagereOptions,
  HeadersOptions,
  KeyOptions,
  RouteOptions,
  RouteRules,
  StaleIfErrorOptions,
} from './options.ts';
import type { Place } from './problems.ts';
import { resolveBypass, resolveMatch } from './resolve-match.ts';
import { noEdits, resolveEdits } from './resolve-edits.ts';
import { defaultName, isName, type Origins } from './resolve-origins.ts';
import type { BypassRules, FieldEdits, KeyRules, RouteMatch, RouteSettings, TtlSettings } from './settings.ts';
import { UsageError } from './usage-error.ts';
import { readEach, seconds } from './values.ts';
import type { Variables } from './variables.ts';

type Rules = Omit<RouteSettings, 'name' | 'match' | 'origin'>;

/** What was said, read; undefined where nothing was. */
interface Said {
  readonly preset: PresetName | undefined;
  readonly defaultTtl: Seconds | undefined;
  readonly whileRevalidate: Seconds | undefined;
  readonly ifServerError: Seconds | undefined;
  readonly ifUnreachable: Seconds | undefined;
  readonly ifTooMany: Seconds | undefined;
  readonly staleBesideSMaxage: boolean | undefined;
  readonly allowUnkeyedEcho: boolean | undefined;
  readonly ttl: TtlSettings | undefined;
  readonly key: KeyRules | undefined;
  readonly bypass: BypassRules | undefined;
  readonly requestFields: FieldEdits | undefined;
  readonly responseFields: FieldEdits | undefined;
}

/** They are gone through for each request, and held against each other at the start. */
const maxRoutes = 1_000;

/** The routes in their order; one of them matches every request. */
export function resolveRoutes(
  options: EtagereOptions,
  origins: Origins,
  place: Place,
  variables: Variables | undefined,
): RouteSettings[] {
  const onTop = readRules(options, place, variables);
  const byDefault = defaultOrigin(options, origins, place.at('origin'));
  const given = options.routes ?? [];
  const taken = given.slice(0, maxRoutes);
  if (given.length > maxRoutes) place.at('routes').refuse(`there are ${given.length}`, `write ${maxRoutes} at most`);
  const routes = taken.map((route, i): RouteSettings => {
    const own = place.at('routes', i);
    const match = resolveMatch(route.match, own.at('match'));
    return {
      name: own.at('name').read('', () => checkedName(route.name) ?? nameOf(match)),
      match,
      origin: own.at('origin').read('', () => originOf(route, origins, byDefault, own)),
      ...rulesOf(over(onTop, readRules(route, own, variables))),
    };
  });
  if (!routes.some(({ match }) => matchesEverything(match))) {
    if (byDefault === undefined && options.origin === undefined && origins.all.length > 0) {
      place
        .at('routes')
        .refuse(
          'a request that no route matches has no origin',
          'end with a route without match, or write origin: on top',
        );
    }
    routes.push({ name: defaultName, match: matchAll, origin: byDefault ?? '', ...rulesOf(onTop) });
  }
  return withDistinctNames(routes, taken, place.at('routes'));
}

const matchAll: RouteMatch = { hosts: [], paths: [], methods: [] };

function matchesEverything({ hosts, paths, methods }: RouteMatch): boolean {
  return hosts.length === 0 && paths.length === 0 && methods.length === 0;
}

/** The origin on top, else the only one that there is. */
function defaultOrigin(options: EtagereOptions, origins: Origins, place: Place): string | undefined {
  const { origin } = options;
  if (typeof origin === 'string') {
    return origins.all.some(({ name }) => name === defaultName)
      ? defaultName
      : place.read(undefined, () => origins.named(origin, place));
  }
  if (origin !== undefined) return defaultName;
  const [only, ...others] = origins.all;
  return others.length === 0 ? only?.name : undefined;
}

function originOf(route: RouteOptions, origins: Origins, byDefault: string | undefined, place: Place): string {
  if (route.origin !== undefined) return origins.named(route.origin, place.at('origin'));
  if (byDefault !== undefined) return byDefault;
  if (origins.all.length === 0) return '';
  throw new UsageError('it is missing', `name one of the origins: ${origins.all.map(({ name }) => name).join(', ')}`);
}

/** @throws UsageError */
function checkedName(name: string | undefined): string | undefined {
  if (name === undefined || isName(name)) return name;
  throw new UsageError(`"${name}" is no name`, 'take letters, digits, - and _, at most 64 of them, like api');
}

/** Whether a route was given that name, and not called by what it matches. */
export function isGivenName(name: string, match: RouteMatch): boolean {
  return isName(name) && name !== nameOf(match);
}

/** How a route without a name is called: `GET *.example.com/api/*`, the first of each. */
function nameOf(match: RouteMatch): string {
  const place = `${match.hosts[0] ?? ''}${match.paths[0] ?? ''}`;
  return [match.methods[0], place].filter((part) => part !== undefined && part !== '').join(' ') || defaultName;
}

/** Names that were given have to differ; one that was not gets a number where there is another like it. */
function withDistinctNames(
  routes: readonly RouteSettings[],
  options: readonly RouteOptions[],
  place: Place,
): RouteSettings[] {
  const taken = new Set(options.map(({ name }) => name));
  return routes.map((route, i) => {
    if (options[i]?.name !== undefined) {
      if (options.slice(0, i).some(({ name }) => name === options[i]?.name)) {
        place.at(i, 'name').refuse(`another route is called ${route.name}`, 'give this one another name');
      }
      return route;
    }
    let name = route.name;
    for (let n = 2; taken.has(name); n++) name = `${route.name} (${n})`;
    taken.add(name);
    return { ...route, name };
  });
}

function readRules(options: RouteRules, place: Place, variables: Variables | undefined): Said {
  const { staleIfError: window, headers } = options;
  const bySeconds = (name: keyof RouteRules, value: Duration | undefined): Seconds | undefined =>
    value === undefined ? undefined : place.at(name).read(0, () => seconds(value));
  const whole = typeof window === 'object' ? undefined : bySeconds('staleIfError', window);
  const byCause = (cause: keyof StaleIfErrorOptions): Seconds | undefined => {
    const value = typeof window === 'object' ? window[cause] : undefined;
    // A window for all errors is none for 429, which is no error of the origin.
    return value === undefined
      ? cause === '429'
        ? undefined
        : whole
      : place.at('staleIfError', cause).read(0, () => seconds(value));
  };
  const edits = (direction: keyof HeadersOptions): FieldEdits | undefined =>
    headers && resolveEdits(headers[direction] ?? {}, direction, { place: place.at('headers', direction), variables });
  return {
    preset: options.preset,
    defaultTtl: bySeconds('defaultTtl', options.defaultTtl),
    whileRevalidate: bySeconds('staleWhileRevalidate', options.staleWhileRevalidate),
    ifServerError: byCause('5xx'),
    ifUnreachable: byCause('unreachable'),
    ifTooMany: byCause('429'),
    staleBesideSMaxage: options.staleBesideSMaxage,
    allowUnkeyedEcho: options.allowUnkeyedEcho,
    ttl: options.ttl === undefined ? undefined : readTtl(options.ttl, place.at('ttl')),
    key: options.key && resolveKey(options.key, place.at('key')),
    bypass: options.bypass && resolveBypass(options.bypass, place.at('bypass')),
    requestFields: edits('request'),
    responseFields: edits('response'),
  };
}

/** What a route says for itself, and what is said on top of what it does not. */
function over(onTop: Said, own: Said): Said {
  return {
    preset: own.preset ?? onTop.preset,
    defaultTtl: own.defaultTtl ?? onTop.defaultTtl,
    whileRevalidate: own.whileRevalidate ?? onTop.whileRevalidate,
    ifServerError: own.ifServerError ?? onTop.ifServerError,
    ifUnreachable: own.ifUnreachable ?? onTop.ifUnreachable,
    ifTooMany: own.ifTooMany ?? onTop.ifTooMany,
    staleBesideSMaxage: own.staleBesideSMaxage ?? onTop.staleBesideSMaxage,
    allowUnkeyedEcho: own.allowUnkeyedEcho ?? onTop.allowUnkeyedEcho,
    ttl: own.ttl ?? onTop.ttl,
    key: own.key ?? onTop.key,
    bypass: own.bypass ?? onTop.bypass,
    requestFields: own.requestFields ?? onTop.requestFields,
    responseFields: own.responseFields ?? onTop.responseFields,
  };
}

function readTtl(options: NonNullable<RouteRules['ttl']>, place: Place): TtlSettings {
  if (typeof options !== 'object')
    return { lifetime: place.read(0, () => seconds(options)), force: false, notFound: undefined };
  const { notFound } = options;
  const lifetime = place.at('lifetime').read(0, () => seconds(options.lifetime));
  return {
    lifetime,
    force: options.force ?? false,
    notFound: notFound === undefined ? undefined : place.at('notFound').read(0, () => seconds(notFound)),
  };
}

const wholeKey: KeyRules = { sortQuery: false, dropQuery: [], keepQuery: undefined, dropCookie: [] };

function resolveKey({ sortQuery, dropQuery, keepQuery, dropCookie }: KeyOptions, place: Place): KeyRules {
  if (dropQuery !== undefined && keepQuery !== undefined) {
    place
      .at('dropQuery')
      .refuse('it is beside keepQuery, which drops all others already', 'leave one of them out', 'name');
  }
  return {
    sortQuery: sortQuery ?? false,
    dropQuery: readEach(place.at('dropQuery'), dropQuery, parameterName),
    keepQuery: keepQuery === undefined ? undefined : readEach(place.at('keepQuery'), keepQuery, parameterName),
    dropCookie: readEach(place.at('dropCookie'), dropCookie, cookieNamePattern),
  };
}

function parameterName(text: string): string {
  if (text !== '' && !/[&=?#\s]/.test(text)) return text;
  throw new UsageError(`"${text}" is not the name of a query parameter`, 'write something like gclid or utm_*');
}

function cookieNamePattern(text: string): string {
  if (text !== '' && !/[=;\s]/.test(text)) return text;
  throw new UsageError(`"${text}" is not the name of a cookie`, 'write something like _ga or _ga_*');
}

/** What was said, over what the preset has. */
function rulesOf(said: Said): Rules {
  const preset = presets[said.preset ?? 'safe'];
  const ifUnreachable = said.ifUnreachable ?? preset.staleIfError;
  return {
    policy: {
      ...preset,
      defaultTtl: said.defaultTtl ?? preset.defaultTtl,
      staleIfError: ifUnreachable,
      staleBesideSMaxage: said.staleBesideSMaxage ?? preset.staleBesideSMaxage,
      allowUnkeyedEcho: said.allowUnkeyedEcho ?? preset.allowUnkeyedEcho,
    },
    stale: {
      whileRevalidate: said.whileRevalidate ?? 0,
      ifServerError: said.ifServerError ?? preset.staleIfError,
      ifUnreachable,
      ifTooMany: said.ifTooMany ?? 0,
    },
    ttl: said.ttl,
    key: said.key ?? wholeKey,
    bypass: said.bypass ?? { paths: [], cookies: [], fields: [] },
    requestFields: said.requestFields ?? noEdits,
    responseFields: said.responseFields ?? noEdits,
  };
}
