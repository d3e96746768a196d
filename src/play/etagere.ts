import { Engine } from '../engine/handle.ts';
import { onlyRoute } from '../engine/route.ts';
import { noLog } from '../observe/access-log.ts';
import { originLimits, originOptions } from '../config/origin-options.ts';
import { createNodeHttpListener } from '../listener/node-http.ts';
import { UndiciOrigin } from '../origin/undici-origin.ts';
import { MemoryStore } from '../store/memory.ts';
import type { Surroundings } from './in-process.ts';
import type { Listening, StartCache } from './sockets.ts';

/** The name under which the cache of a fixture goes in Cache-Status, Proxy-Status and Via. */
const cacheName = 'etagere';

/** Etagere's own engine with an empty memory shelf, as it is configured in a fixture. */
export function assembleEtagere({ origin, clock, options }: Surroundings): Engine {
  const { policy, limits } = options;
  const store = new MemoryStore({
    maxBytes: limits.memoryBytes,
    maxObjectBytes: Math.floor(limits.memoryBytes * limits.maxObjectShare),
    maxVariants: limits.maxVariants,
  });
  const forwarding = { originAuthority: new URL(origin.url).host, preserveHost: false, viaName: cacheName };
  return new Engine({
    routes: onlyRoute({ origin, policy, forwarding }),
    store,
    clock,
    limits,
    viaName: cacheName,
    trusts: () => false,
    cacheName,
    events: noLog,
  });
}

/** The same engine between a listener and an origin of its own, on a free port of this machine. */
export const startEtagere: StartCache = startOver('the fast lane');

/** The same; plain requests go over that lane of the listener. */
export function startOver(lane: 'the fast lane' | 'node:http'): StartCache {
  return (surroundings) => start(surroundings, lane === 'the fast lane');
}

async function start({ originUrl, clock, options }: Parameters<StartCache>[0], fastLane: boolean): Promise<Listening> {
  const { limits } = options;
  const origin = new UndiciOrigin(originOptions(originUrl, originLimits(limits), options.policy));
  const engine = assembleEtagere({ origin, clock, options });
  const listener = createNodeHttpListener(engine, {
    limits,
    cacheName,
    fastLane,
    events: noLog,
  });
  const { host, port } = await listener.listen({ host: '127.0.0.1', port: 0 });
  return {
    url: `http://${host}:${port}`,
    close: async () => {
      await listener.close();
      await engine.drain();
      await origin.close();
    },
  };
}
