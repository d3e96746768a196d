import { fieldValue } from '../http/fields.ts';
import type { EpochMs, Seconds } from '../http/message.ts';
import { remainingLifetime } from '../policy/age.ts';
import type { PolicyConfig } from '../policy/config.ts';
import type { StoredResponse } from '../policy/stored.ts';
import { responseControl } from '../policy/targeted.ts';
import type { Freshness } from './explanation.ts';
import { shownName } from './field-names.ts';

/** The sums of age and lifetime (RFC 9111 §4.2), to the millisecond. */
export function freshnessOf(stored: StoredResponse, now: EpochMs, config: PolicyConfig): Freshness {
  const initial = rounded(stored.correctedInitialAge);
  const resident = rounded(Math.max(0, (now - stored.responseTime) / 1000));
  const { lifetime, source } = stored.freshness;
  return {
    age: { initial, resident, total: rounded(initial + resident) },
    lifetime: { seconds: lifetime, source, from: lifetimeFrom(stored, config) },
    ttl: rounded(remainingLifetime(stored, now)),
  };
}

function rounded(seconds: Seconds): Seconds {
  return Math.round(seconds * 1000) / 1000;
}

function lifetimeFrom(stored: StoredResponse, config: PolicyConfig): string {
  const { fields, freshness } = stored;
  const { source } = freshness;
  switch (source) {
    case 's-maxage':
    case 'max-age':
      return `${source}=${freshness.lifetime} in ${shownName(responseControl(fields).source)}`;
    case 'expires':
      return `Expires − Date (${fieldValue(fields, 'expires') ?? ''} − ${new Date(stored.dateValue).toUTCString()})`;
    case 'heuristic': {
      const share = `${config.heuristicFraction * 100} % of the time between Last-Modified and Date`;
      return freshness.lifetime === config.heuristicMax ? `${share}, at most ${config.heuristicMax} s` : share;
    }
    case 'default-ttl':
      return 'the configured default (defaultTtl, --default-ttl): the origin says nothing at all';
    case 'route-ttl':
      return `ttl of the route: ${freshness.lifetime} s, in the place of what the origin says`;
    case 'assumed-ttl':
      return `ttl of the route: ${freshness.lifetime} s; the origin gives no lifetime above 0`;
    case 'forced-ttl':
      return `ttl of the route, by force: ${freshness.lifetime} s, whatever the origin says`;
    case 'none':
      return 'nothing says how long it stays fresh';
    default:
      return source satisfies never;
  }
}
