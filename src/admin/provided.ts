import { EtagereError } from '../errors.ts';

/**
 * An ability, where it is there.
 * @throws EtagereError ADMIN_UNAVAILABLE
 */
export function provided<T>(ability: T | undefined, what: string): T {
  if (ability !== undefined) return ability;
  throw new EtagereError('ADMIN_UNAVAILABLE', `${what}: this process can not do that`);
}
