import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { brought, patienceWith } from '../../../src/engine/bringing.ts';
import { ManualClock } from '../../../src/play/manual-clock.ts';
import type { Shelved } from '../../../src/store/store.ts';
import { ContentElsewhere } from './content-elsewhere.ts';

describe('content that lies elsewhere', () => {
  it.each([
    ['redis', 50, 1_000, 50],
    ['disk', 50, 1_000, 1_000],
    // Whoever would have nobody wait for a disk that writes nothing, wants what is on it all the same.
    ['disk', 50, 0, 50],
  ] as const)(
    'of a %s, with %d ms for a look-up and %d ms for a stall, has %d ms',
    async (tier, shelfLookupMs, shelfStallMs, ms) => {
      const clock = new ManualClock(0);
      const patience = patienceWith({ tier } satisfies Pick<Shelved, 'tier'>, {
        clock,
        limits: { shelfLookupMs, shelfStallMs },
      });
      const content = new ContentElsewhere('content', 4);
      let isThere: boolean | undefined;
      void brought(content, 0, patience)?.then((told) => {
        isThere = told;
      });
      await clock.advance(ms - 1, turn);
      await turn();
      expect(isThere).toBeUndefined();
      await clock.advance(1, turn);
      await turn();
      expect(isThere).toBe(false);
    },
  );
});
