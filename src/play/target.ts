import { fieldsOf } from '../http/fields.ts';
import { Activity } from './activity.ts';
import { answerWithCanary } from './canary.ts';
import { defaultHost } from './client-side.ts';
import { RealTime, untilNextSecond } from './passing-time.ts';
import { everywhere, placeNamed } from './place.ts';
import { type Reception, SocketOrigin } from './socket-origin.ts';
import { SocketTransport } from './socket-transport.ts';
import type { TransportSource } from './transport.ts';

/** A cache elsewhere, and the origin behind it, which is ours. */
export interface Target {
  /** Plays on it at the pace of a machine that has little else to do, or at that of a busy one. */
  readonly brisk: TransportSource;
  readonly slow: TransportSource;
  /** Where the cache has to forward to. */
  readonly originUrl: string;
  /**
   * Whether a request through the cache arrives at our origin; asks again until it does, as the cache may still be starting.
   * Undefined when it does, else what came in its place.
   */
  unreached(withinMs: number): Promise<Unreached | undefined>;
  close(): void;
}

/** Why no request came through a cache. */
export interface Unreached {
  /** `an answer with status 404`, `no answer (ECONNREFUSED)`. */
  readonly got: string;
  /** Whether a connection to the cache came about. */
  readonly connects: boolean;
}

/** The codes of a connection that never was. */
const withoutConnection: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
]);

/** `run` tells runs apart: what the cache stored in an earlier one must not be met again. */
export interface TargetOptions {
  /** Of the cache, without path. */
  readonly url: string;
  /** 0 is any free port. */
  readonly originPort: number;
  readonly run: string;
}

const betweenAttemptsMs = 250;

/**
 * How long nothing may move before the next step. The shorter, the closer the cache's time is to the fixture's; but what a busy machine takes longer for
 * comes too late.
 */
const quietMs = { brisk: 50, slow: 300 } as const;

/**
 * Plays fixtures on a cache elsewhere, over sockets and in real time. Any number of fixtures can be played at once, as each has a
 * place of its own; one whose origin refuses connections has to be played alone.
 *
 * @throws the error of node:net where the origin can't listen.
 */
export async function openTarget({ url, originPort, run }: TargetOptions): Promise<Target> {
  const open = new Map<string, Reception>();
  const origin = new SocketOrigin((target) => open.get(target.split(/[/?]/, 2)[1] ?? '') ?? stray());
  await origin.listen(originPort);
  let opened = 0;
  const openTransport = (pace: keyof typeof quietMs): SocketTransport => {
    opened += 1;
    const name = `etagere-${run}-${opened}`;
    const activity = new Activity();
    const reception: Reception = { place: placeNamed(name), arrivals: [], moved: activity.moved };
    open.set(name, reception);
    const close = (): Promise<void> => {
      open.delete(name);
      // The fixture may have left it refusing.
      return origin.listen();
    };
    const time = new RealTime(activity, quietMs[pace]);
    return new SocketTransport({ cache: new URL(url), origin, reception, activity, time, close });
  };
  const sourceAt = (pace: keyof typeof quietMs): TransportSource => ({
    speaksAsEtagere: false,
    originHasClock: true,
    ageSlack: 1,
    async open() {
      await untilNextSecond();
      return openTransport(pace);
    },
  });
  return {
    brisk: sourceAt('brisk'),
    slow: sourceAt('slow'),
    originUrl: origin.url,
    unreached: (withinMs) => unreached(() => openTransport('brisk'), withinMs),
    close: () => origin.close(),
  };
}

/** Of a request that came after its fixture was over, or that is none of ours: a background validation, a health check. */
function stray(): Reception {
  const arrivals: Reception['arrivals'] = [];
  const moved = (): void => {
    for (const arrival of arrivals.splice(0)) answerWithCanary(arrival);
  };
  return { place: everywhere, arrivals, moved };
}

async function unreached(openTransport: () => SocketTransport, withinMs: number): Promise<Unreached | undefined> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const transport = openTransport();
    const fields = fieldsOf(['host', defaultHost]);
    const client = transport.send({ method: 'GET', target: '/', fields, content: null });
    await transport.until(() => transport.arrivals.length > 0 || client.end !== 'open');
    const arrived = transport.arrivals.length > 0;
    const { head, error } = client;
    await transport.close();
    if (arrived) return undefined;
    if (performance.now() >= deadline) {
      const noAnswer = error === undefined ? 'no answer' : `no answer (${error})`;
      return {
        got: head === undefined ? noAnswer : `an answer with status ${head.status}`,
        connects: error === undefined || !withoutConnection.has(error),
      };
    }
    await new Promise((resolve) => {
      setTimeout(resolve, betweenAttemptsMs);
    });
  }
}
