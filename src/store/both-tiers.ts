import { isSameVariant } from '../key/nominated-fields.ts';
import type { Shelved } from './store.ts';

/** Of what lies beneath, what memory has not, or only an older one of the same variant. The time of the same one differs a little at each reading, as that of the world is converted. */
export function betterOf(beneath: readonly Shelved[], inMemory: readonly Shelved[]): readonly Shelved[] {
  return beneath.filter(({ stored }) => {
    const same = inMemory.find((each) => isSameVariant(each.stored, stored));
    if (same === undefined) return true;
    return stored.serial !== same.stored.serial && stored.responseTime > same.stored.responseTime;
  });
}

/** All of them, but for those in memory of which there is a better one beneath. */
export function merged(inMemory: readonly Shelved[], beneath: readonly Shelved[]): readonly Shelved[] {
  if (beneath.length === 0) return inMemory;
  const others = inMemory.filter(({ stored }) => !beneath.some((each) => isSameVariant(each.stored, stored)));
  return [...others, ...beneath];
}
