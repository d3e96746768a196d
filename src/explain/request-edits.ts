import type { PolicyConfig } from '../policy/config.ts';
import { type Edit, withoutRequestFields } from './edit.ts';
import type { Trial } from './trial.ts';
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
