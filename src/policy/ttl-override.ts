import type { CacheControl } from '../http/cache-control.ts';
import { type Fields, hasField } from '../http/fields.ts';
import type { PolicyConfig, TtlOverride } from './config.ts';
import type { Refusal } from './decision.ts';

/** What an operator's lifetime counts against only by force: what keeps a response from others, or from being used without asking. */
const protective = ['no-store', 'private', 'no-cache'];

/**
 * The directives with an operator's lifetime in the place of the origin's own. It is said as the origin could have said it, so that every rule goes on from
 * there: `max-age`, and `s-maxage` where that was. Where it was not, it stays out: it would open what asks for Authorization (RFC 9111 §3.5) and close every
 * window for stale responses (RFC 9111 §5.2.2.10).
 */
export function withTtl(control: CacheControl, { lifetime, force }: TtlOverride): CacheControl {
  const directives = new Map(control.directives);
  const argument = [{ value: String(lifetime), quoted: false }];
  if (force) for (const name of protective) directives.delete(name);
  if (directives.has('s-maxage')) directives.set('s-maxage', argument);
  directives.set('max-age', argument);
  return { directives, malformed: control.malformed };
}

/**
 * The configuration for the answer to a request with these fields: force does not reach the answers to Authorization, which are for one user unless the origin
 * says otherwise (RFC 9111 §3.5).
 */
export function configFor(request: Fields, config: PolicyConfig): PolicyConfig {
  const { ttl } = config;
  if (ttl?.force !== true || !hasField(request, 'authorization')) return config;
  return { ...config, ttl: { ...ttl, force: false } };
}

/** What an operator's lifetime is for: answers that stand for their target as it is (RFC 9110 §15). An error, or a redirect that may soon lead elsewhere, is as fresh as the origin says. */
const lasting: ReadonlySet<number> = new Set([200, 203, 204, 206, 300, 301, 308]);

/** The configuration for an answer of this status. */
export function configForStatus(status: number, config: PolicyConfig): PolicyConfig {
  const { ttl } = config;
  if (ttl === undefined || lasting.has(status)) return config;
  const lifetime = status === 404 || status === 410 ? ttl.notFound : undefined;
  return { ...config, ttl: lifetime === undefined ? undefined : { ...ttl, lifetime } };
}

/** What only force would have let in, in answer to Authorization: that it is not stored lies in the request, and says nothing of what others get. */
export const forceWithheld: Refusal = {
  storable: false,
  reason: 'authorization',
  rule: {
    name: 'only force would store it, which does not reach the answers to Authorization',
    section: 'RFC 9111 §3.5',
  },
};
