import type { Claim, Claims } from '../../src/store/claims.ts';
import type { ManualClock } from '../../src/play/manual-clock.ts';

/** How long somebody waits for the claim of another, and how long one is held that nobody gives back. */
const patienceMs = 5_000;

/** Claims that one of several instances has at a time; one that is gone keeps nobody waiting for long. */
export function boundedClaims(clock: ManualClock): (isAlive: () => boolean) => Claims {
  const held = new Map<string, Set<() => void>>();
  return (isAlive) => ({
    claim: (name): Claim => {
      const waiting = held.get(name);
      if (waiting !== undefined) {
        const done = new Promise<void>((resolve) => {
          waiting.add(resolve);
          clock.schedule(patienceMs, resolve);
        });
        return { kind: 'elsewhere', done };
      }
      const own = new Set<() => void>();
      held.set(name, own);
      const end = (): void => {
        if (held.get(name) === own) held.delete(name);
        for (const resolve of own) resolve();
      };
      clock.schedule(patienceMs, end);
      return { kind: 'granted', release: () => (isAlive() ? end() : undefined) };
    },
  });
}
