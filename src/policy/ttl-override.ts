import type { CacheControl } from '../http/cache-control.ts';
import type { TtlOverride } from './config.ts';

/** What an operator's lifetime counts against only by force: what keeps a response from others, or from being used without asking. */
const protective = ['no-store', 'private', 'no-cache'];

/**
 * The directives with an operator's lifetime in the place of the origin's own. It is said as the origin could have said it, so that every rule goes on from
 * there: `max-age`, and `s-maxage` where that was or, by force, where nothing else would let the response be shared.
 */
export function withTtl(control: CacheControl, { lifetime, force }: TtlOverride): CacheControl {
  const directives = new Map(control.directives);
  const argument = [{ value: String(lifetime), quoted: false }];
  if (force) for (const name of protective) directives.delete(name);
  if (force || directives.has('s-maxage')) directives.set('s-maxage', argument);
  directives.set('max-age', argument);
  return { directives, malformed: control.malformed };
}
