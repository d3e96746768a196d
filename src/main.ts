import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { urlOf } from './config/addresses.ts';
import { UsageError } from './config/usage-error.ts';
import { originOptions } from './config/origin-options.ts';
import { type LogMode, only, type Settings } from './config/settings.ts';
import { trustedPeers } from './config/trusted-peers.ts';
import { systemClock } from './engine/clock.ts';
import { Engine } from './engine/handle.ts';
import { createNodeHttpListener } from './listener/node-http.ts';
import { type AccessLog, createAccessLog, noLog, stdoutDestination } from './observe/access-log.ts';
import type { Origin } from './origin/origin.ts';
import { UndiciOrigin } from './origin/undici-origin.ts';
import { MemoryStore } from './store/memory.ts';

/** Our name in Cache-Status and Proxy-Status: the same for every instance, so that people and rules can look for it. */
const cacheName = 'etagere';

/** A cache before one origin, with all its parts joined. */
export interface Proxy {
  /** Answers requests of a server that is not ours. */
  readonly listener: RequestListener;
  /** Listens at the address of the settings. Resolves with the URL, a port 0 replaced by the real one. Rejects with the system's error. */
  readonly listen: () => Promise<string>;
  /**
   * Takes no more connections, finishes the answers under way as long as `drainTimeoutMs` allows, then breaks off everything that is left: answers, and
   * requests to the origin that no client waits for.
   */
  readonly close: () => Promise<void>;
}

/** The composition root: constructs every part and joins them. */
export function createProxy(settings: Settings): Proxy {
  const { limits, encodeTarget, fastLane } = settings;
  const { policy } = only(settings.routes);
  const originSettings = only(settings.origins);
  const { url } = only(originSettings.servers);
  const log = accessLogFor(settings.log);
  const origin: Origin = new UndiciOrigin(originOptions(url, originSettings, policy));
  const engine = new Engine({
    origin,
    store: new MemoryStore({
      maxBytes: limits.memoryBytes,
      maxObjectBytes: Math.floor(limits.memoryBytes * limits.maxObjectShare),
      maxVariants: limits.maxVariants,
    }),
    clock: systemClock,
    policy,
    limits,
    events: log,
    forwarding: {
      originAuthority: new URL(url).host,
      preserveHost: originSettings.preserveHost,
      // Unlike the cache's name, this must tell instances apart: seen in a request's Via it means a loop.
      viaName: `${cacheName}-${randomBytes(3).toString('hex')}`,
      trusts: trustedPeers(settings.trustProxy),
    },
    cacheName,
  });
  const listener = createNodeHttpListener(engine, {
    limits,
    cacheName,
    encodeTarget,
    fastLane,
    events: log,
  });
  const end = async (): Promise<void> => {
    const answered = listener.close().then(() => engine.drain());
    await within(limits.drainTimeoutMs, answered);
    await origin.close();
    await log.close();
  };
  let ended: Promise<void> | undefined;
  let listens = false;
  return {
    listener: listener.handle,
    listen: async () => {
      if (ended !== undefined) throw new UsageError('listen: this cache has been closed', 'make a new one');
      if (listens) throw new UsageError('listen: this cache listens already', 'make another one for another address');
      listens = true;
      try {
        return urlOf(await listener.listen(only(settings.listen)));
      } catch (error) {
        listens = false;
        throw error;
      }
    },
    close: () => {
      ended ??= end();
      return ended;
    },
  };
}

/** Resolves with the promise, but at the latest after that time. */
async function within(ms: number, promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
}

/** `auto` is for whoever reads: a person at a terminal, or a collector of lines. */
function accessLogFor(mode: LogMode): AccessLog {
  if (mode === 'off') return noLog;
  const forTerminal = mode === 'pretty' || (mode === 'auto' && process.stdout.isTTY);
  const destination = stdoutDestination();
  return createAccessLog({
    style: forTerminal ? 'pretty' : 'json',
    cacheName,
    destination,
    wall: () => systemClock.wall(),
  });
}
