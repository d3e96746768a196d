import type { PolicyConfig } from '../policy/config.ts';
import { type Edit, withoutRequestFields } from './edit.ts';
import { outcomeOf, type Trial } from './trial.ts';
import { unkeyedClaims } from './vary-edits.ts';

const onReload = 'Browsers send it on a reload; an ordinary request of theirs is without.';
const forOrigin = 'Only the origin may evaluate it.';
const asGiven = 'Only if the origin answers the same without.';

/** What a client may ask otherwise, the least first: each field by itself, as one of two may be enough. */
export const clientEdits: readonly Edit[] = [
  leavingOut('cache-control', onReload),
  leavingOut('pragma', onReload),
  leavingOut('if-match', forOrigin),
  leavingOut('if-unmodified-since', forOrigin),
  leavingOut('authorization', asGiven),
  leavingOut('cookie', asGiven),
  {
    code: 'request-claims',
    at: 'client',
    cost: 1,
    caution: 'It comes from the proxy in front, which need not send it.',
    apply: (trial) => withoutRequestFields(trial, unkeyedClaims(trial)),
  },
  {
    code: 'request-content',
    at: 'client',
    cost: 1,
    caution: 'Put what selects the answer into the URL.',
    apply: (trial) => (trial.hasContent ? { ...trial, hasContent: false } : undefined),
  },
  {
    code: 'request-get',
    at: 'client',
    cost: 1,
    caution: 'A GET fills the shelf; after it, HEAD is answered from there, too.',
    apply: (trial) =>
      trial.request.method === 'HEAD' ? { ...trial, request: { ...trial.request, method: 'GET' } } : undefined,
  },
];

/** What whoever runs the cache may configure otherwise, the least first. */
export const configurationEdits: readonly Edit[] = [
  configuring('default-ttl', 'It counts for every response about which the origin says nothing at all.', (config) => {
    return config.defaultTtl === 0 ? { ...config, defaultTtl: triedDefaultTtl } : undefined;
  }),
  configuring('stale-beside-s-maxage', 'It is served stale, against RFC 9111 §5.2.2.10.', (config) => {
    return config.staleBesideSMaxage ? undefined : { ...config, staleBesideSMaxage: true };
  }),
  {
    code: 'ttl-force',
    at: 'configuration',
    cost: 1,
    caution:
      'Only if every answer of the route is the same for everyone: what is private or no-store, or sets cookies, is stored too, and one client may get what was made for another.',
    apply: withForcedTtl,
  },
];

/** Seconds; the figure that advice is given with. */
const triedDefaultTtl = 60;

function leavingOut(name: string, caution: string): Edit {
  return {
    code: `request-${name}`,
    at: 'client',
    cost: 1,
    caution,
    apply: (trial) => withoutRequestFields(trial, new Set([name])),
  };
}

/** Force is advised only where nothing keeps it from being a hit but that a route's lifetime is a guess (RFC 9111 §7.3): never against what the origin forbids. */
function withForcedTtl(trial: Trial): Trial | undefined {
  const { config } = trial;
  if (config.ttl === undefined || config.ttl.force) return undefined;
  const isGuessAlone = outcomeOf({ ...trial, config: { ...config, heuristicsForCredentials: true } }) !== undefined;
  return isGuessAlone ? { ...trial, config: { ...config, ttl: { ...config.ttl, force: true } } } : undefined;
}

function configuring(code: string, caution: string, change: (config: PolicyConfig) => PolicyConfig | undefined): Edit {
  return {
    code,
    at: 'configuration',
    cost: 1,
    caution,
    apply: (trial: Trial) => {
      const config = change(trial.config);
      return config === undefined ? undefined : { ...trial, config };
    },
  };
}
