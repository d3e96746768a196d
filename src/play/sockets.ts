import type { Clock } from '../engine/clock.ts';
import { Activity } from './activity.ts';
import type { FixtureOptions } from './fixture.ts';
import { fixtureEpoch } from './in-process.ts';
import { ManualClock } from './manual-clock.ts';
import { MovedTime } from './passing-time.ts';
import { everywhere } from './place.ts';
import { SocketOrigin } from './socket-origin.ts';
import { SocketTransport } from './socket-transport.ts';
import type { TransportSource } from './transport.ts';

/** A cache that listens. */
export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a cache that has nothing stored in front of an origin; called once for each fixture. */
export type StartCache = (surroundings: {
  readonly originUrl: string;
  readonly clock: Clock;
  readonly options: FixtureOptions;
}) => Promise<Listening>;

/** Plays fixtures over real sockets, on a cache in this process that takes its time from the fixture. */
export function overSockets(start: StartCache): TransportSource {
  return {
    speaksAsEtagere: true,
    originHasClock: false,
    ageSlack: 0,
    async open(options) {
      const activity = new Activity();
      const reception = { place: everywhere, arrivals: [], moved: activity.moved };
      const origin = new SocketOrigin(() => reception);
      await origin.listen();
      const clock = new ManualClock(fixtureEpoch);
      const cache = await start({ originUrl: origin.url, clock, options });
      return new SocketTransport({
        cache: new URL(cache.url),
        origin,
        reception,
        activity,
        time: new MovedTime(clock, activity),
        close: async () => {
          origin.close();
          await cache.close();
        },
      });
    },
  };
}
