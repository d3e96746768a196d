import {
  type CacheControl,
  deltaSeconds,
  hasDirective,
  parseDeltaSeconds,
  qualifiedNames,
} from '../http/cache-control.ts';
import { hasField } from '../http/fields.ts';
import { formatHttpDate } from '../http/date.ts';
import { type Directives, isRegistered, known, withDirective, without, written } from './directives.ts';
import { change, type LintRule, type Seen } from './finding.ts';

/** Rules about Cache-Control and its kin, as far as they speak of themselves. */
export const controlRules: readonly LintRule[] = [
  {
    code: 'cache-control-malformed',
    severity: 'error',
    section: 'RFC 9111 §4.2.1',
    look: (seen) =>
      seen.plain.malformed
        ? {
            what: "Cache-Control can't be read as a whole: in doubt caches do not store the response, or guess.",
            remedy: 'Mend it: directives are tokens, separated by commas, with values after an equals sign.',
            changes: [change(seen, 'cache-control', written(known(seen.plain.directives)) || null)],
          }
        : undefined,
  },
  {
    code: 'directive-unknown',
    severity: 'warning',
    section: 'RFC 9111 §5.2.3',
    look: (seen) => {
      const unknown = [...seen.control.directives.keys()].filter((name) => !isRegistered(name));
      if (unknown.length === 0 || seen.control.malformed) return undefined;
      return {
        what: `No cache knows ${unknown.join(', ')}: it is ignored, and looks like a slip.`,
        remedy: 'Write it as RFC 9111 has it, or leave it out.',
        changes: [controlChange(seen, known(seen.control.directives))],
      };
    },
  },
  {
    code: 'lifetime-invalid',
    severity: 'error',
    section: 'RFC 9111 §4.2.1',
    look: (seen) => {
      const invalid = ['max-age', 's-maxage'].filter((name) => hasInvalidLifetime(seen.control, name));
      if (invalid.length === 0) return undefined;
      return {
        what: `${invalid.join(' and ')} has no whole number of seconds: it counts as 0, and the response as stale.`,
        remedy: 'Write plain digits, without unit, sign or fraction.',
        changes: [controlChange(seen, withDirective(seen.control.directives, invalid[0] as string, '60'))],
      };
    },
  },
  {
    code: 'lifetime-twice',
    severity: 'warning',
    section: 'RFC 9111 §4.2.1',
    look: (seen) => {
      const twice = ['max-age', 's-maxage'].filter((name) => (seen.control.directives.get(name)?.length ?? 0) > 1);
      const [name] = twice;
      if (name === undefined) return undefined;
      const least = deltaSeconds(seen.control, name) ?? 0;
      return {
        what: `${name} is said several times: caches take the first, the last, the least (as this one does), or none.`,
        remedy: 'Say it once; often two layers of the origin each add their own.',
        changes: [controlChange(seen, withDirective(seen.control.directives, name, String(least)))],
      };
    },
  },
  {
    code: 'no-store-with-lifetime',
    severity: 'warning',
    section: 'RFC 9111 §5.2.2.5',
    look: (seen) => {
      if (!hasDirective(seen.control, 'no-store') || hasDirective(seen.control, 'must-understand')) return undefined;
      const lifetimes = lifetimesOf(seen.control);
      if (lifetimes.length === 0) return undefined;
      return {
        what: `no-store forbids what ${lifetimes.join(' and ')} allows: the response is not stored.`,
        remedy: 'Say the one that is meant: here without no-store.',
        changes: [controlChange(seen, without(seen.control.directives, 'no-store'))],
      };
    },
  },
  {
    code: 'private-and-shared',
    severity: 'warning',
    section: 'RFC 9111 §5.2.2.7',
    look: (seen) => {
      if (qualifiedNames(seen.control, 'private') !== 'all') return undefined;
      const shared = ['public', 's-maxage'].filter((name) => hasDirective(seen.control, name));
      if (shared.length === 0) return undefined;
      return {
        what: `private keeps it from shared caches, ${shared.join(' and ')} is for them: private wins.`,
        remedy: 'Say the one that is meant: here for everyone.',
        changes: [controlChange(seen, without(seen.control.directives, 'private'))],
      };
    },
  },
  {
    code: 's-maxage-with-stale-window',
    severity: 'warning',
    section: 'RFC 9111 §5.2.2.10',
    look: lookAtSMaxage,
  },
  {
    code: 'must-revalidate-with-stale-window',
    severity: 'warning',
    section: 'RFC 9111 §4.2.4',
    look: (seen) => {
      const strict = ['must-revalidate', 'proxy-revalidate'].filter((name) => hasDirective(seen.control, name));
      const windows = windowsOf(seen.control);
      if (strict.length === 0 || windows.length === 0) return undefined;
      const directives = strict.reduce(without, seen.control.directives);
      return {
        what: `${strict.join(' and ')} forbids to serve it stale, so ${windows.join(' and ')} means nothing.`,
        remedy: 'Say the one that is meant: here that it may be served stale for a while.',
        changes: [controlChange(seen, directives)],
      };
    },
  },
  {
    code: 'expires-against-max-age',
    severity: 'info',
    section: 'RFC 9111 §5.3',
    look: lookAtExpires,
  },
  {
    code: 'pragma',
    severity: 'info',
    section: 'RFC 9111 §5.4',
    look: (seen) =>
      hasField(seen.fields, 'pragma')
        ? {
            what: 'Pragma is a field of requests. In a response it means nothing, or to some caches no-cache.',
            remedy: 'Leave it out, and say in Cache-Control what is meant.',
            changes: [change(seen, 'pragma', null)],
          }
        : undefined,
  },
  {
    code: 'freshness-guessed',
    severity: 'warning',
    section: 'RFC 9111 §4.2.2',
    look: (seen) => {
      if (seen.stored?.freshness.source !== 'heuristic') return undefined;
      const { lifetime } = seen.stored.freshness;
      return {
        what: `Nothing says how long it is fresh. This cache guesses ${lifetime} s from Last-Modified; others guess otherwise.`,
        remedy: 'Say it.',
        changes: [
          controlChange(seen, withDirective(seen.control.directives, 'max-age', String(Math.max(60, lifetime)))),
        ],
      };
    },
  },
  {
    code: 'freshness-missing',
    severity: 'warning',
    section: 'RFC 9111 §4.2.1',
    look: (seen) => {
      const isSilent = seen.control.directives.size === 0 && seen.dates.expires === undefined && !seen.plain.malformed;
      if (!isSilent || seen.dates.lastModified !== undefined || seen.status !== 200) return undefined;
      return {
        what: 'Nothing says how long it is fresh, and there is no Last-Modified to guess it from.',
        remedy: 'Say it; no-store, if it must not be stored at all.',
        changes: [controlChange(seen, new Map([['max-age', [{ value: '60', quoted: false }]]]))],
      };
    },
  },
];

function lookAtSMaxage(seen: Seen): ReturnType<LintRule['look']> {
  const lifetime = deltaSeconds(seen.control, 's-maxage');
  const windows = windowsOf(seen.control);
  if (lifetime === undefined || windows.length === 0) return undefined;
  const rest = without(without(seen.control.directives, 's-maxage'), 'max-age');
  return {
    what: `s-maxage forbids shared caches to serve it stale, so ${windows.join(' and ')} means nothing to them.`,
    remedy:
      'Say max-age to them instead, in CDN-Cache-Control if browsers are to have another lifetime; or run with --stale-beside-s-maxage.',
    changes: [change(seen, 'cdn-cache-control', written(withDirective(rest, 'max-age', String(lifetime))))],
  };
}

/** More than what clocks and the time on the way make of it. */
const expiresSlack = 60;

function lookAtExpires(seen: Seen): ReturnType<LintRule['look']> {
  const { expires } = seen.dates;
  const lifetime = deltaSeconds(seen.plain, 'max-age');
  if (expires === undefined || lifetime === undefined) return undefined;
  const date = seen.dates.date ?? seen.answer.times.responseWallTime;
  const seconds = expires === 'invalid' ? 0 : Math.max(0, Math.round((expires - date) / 1000));
  if (Math.abs(seconds - lifetime) <= expiresSlack) return undefined;
  return {
    what: `Expires says ${seconds} s and max-age ${lifetime} s: max-age wins, but for caches of HTTP/1.0.`,
    remedy: `Leave Expires out, or have it say the same (${formatHttpDate(date + lifetime * 1000)}).`,
    changes: [change(seen, 'expires', null)],
  };
}

function hasInvalidLifetime(control: CacheControl, name: string): boolean {
  return control.directives.get(name)?.some((argument) => parseDeltaSeconds(argument?.value) === undefined) === true;
}

function lifetimesOf(control: CacheControl): string[] {
  return ['max-age', 's-maxage']
    .filter((name) => (deltaSeconds(control, name) ?? 0) > 0)
    .map((name) => {
      return `${name}=${deltaSeconds(control, name)}`;
    });
}

function windowsOf(control: CacheControl): string[] {
  return ['stale-while-revalidate', 'stale-if-error'].filter((name) => (deltaSeconds(control, name) ?? 0) > 0);
}

/** The line of the field that counts for this cache. */
function controlChange(seen: Seen, directives: Directives): ReturnType<typeof change> {
  return change(seen, seen.source, written(directives) || null);
}
