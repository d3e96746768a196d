import { isUnkeyedClaim } from '../http/claims.ts';
import { eachField, type Fields, withoutFields } from '../http/fields.ts';
import type { PolicyConfig } from '../policy/config.ts';
import type { Edit } from './edit.ts';
import type { Trial } from './trial.ts';

/** What a client may ask otherwise, the least first. */
export const clientEdits: readonly Edit[] = [
  leavingOut(
    'request-directives',
    'Browsers send it on a reload; an ordinary request of theirs is without.',
    (name) => {
      return name === 'cache-control' || name === 'pragma';
    },
  ),
  leavingOut('request-preconditions', 'Only the origin may evaluate it.', (name) => {
    return name === 'if-match' || name === 'if-unmodified-since';
  }),
  leavingOut('request-credentials', 'Only if the origin answers the same without.', (name) => {
    return name === 'authorization' || name === 'cookie';
  }),
  leavingOut('request-claims', 'It comes from the proxy in front, which need not send it.', isUnkeyedClaim),
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

function leavingOut(code: string, caution: string, leaves: (name: string) => boolean): Edit {
  return {
    code,
    at: 'client',
    cost: 1,
    caution,
    apply: (trial) => {
      const fields = less(trial.request.fields, leaves);
      return fields.length === trial.request.fields.length
        ? undefined
        : { ...trial, request: { ...trial.request, fields } };
    },
  };
}

function less(fields: Fields, leaves: (name: string) => boolean): Fields {
  return withoutFields(fields, new Set([...eachField(fields)].map(([name]) => name).filter(leaves)));
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
