import type { EngineParts } from '../engine/handle.ts';
import { Engine } from '../engine/handle.ts';
import { MemoryStore } from '../store/memory.ts';
import type { Surroundings } from './in-process.ts';

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
  const forwarding: EngineParts['forwarding'] = {
    originAuthority: new URL(origin.url).host,
    preserveHost: false,
    viaName: cacheName,
    trusts: () => false,
  };
  return new Engine({ origin, store, clock, policy, limits, forwarding, cacheName, events: { exchangeEnded() {} } });
}
