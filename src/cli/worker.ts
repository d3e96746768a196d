import { UsageError } from '../config/usage-error.ts';
import { createProxy, type HowEnded, type Proxy } from '../main.ts';
import { channelToPrimary } from '../workers/cluster-processes.ts';
import { type Fellows, fellowsOf } from '../workers/fellows.ts';
import type { Beginning, ToPrimary, ToWorker } from '../workers/messages.ts';
import type { Channel } from '../workers/channel.ts';
import { isHeld } from './held-end.ts';
import { listenAll } from './listening.ts';
import { printable } from './printable.ts';
import type { Terminal } from './terminal.ts';

/** Resolve when it is asked to end: politely, or, perhaps after that, without delay. */
export interface Leaving {
  readonly retire: Promise<void>;
  readonly stop: Promise<void>;
}

/** One of several processes that answer clients: runs until the one that has begun it says so. Resolves with the exit code. */
export async function work(terminal: Terminal): Promise<0 | 1 | 2> {
  // A terminal, or whoever ends a group of processes, sends these to all; what is to become of it the process says that has begun this one.
  terminal.onStop(() => undefined);
  terminal.onHangup(() => undefined);
  terminal.onRestart(() => undefined);
  const channel = channelToPrimary();
  const { begun, leaving } = asked(channel);
  channel.listen((message) => {
    if (message.kind === 'are-you-there') void channel.send({ kind: 'here' });
  });
  void channel.send({ kind: 'begin-me' });
  const first = await Promise.race([begun, leaving.retire, leaving.stop]);
  if (first === undefined) return 0;
  const fellows = fellowsOf(channel, first);
  const fail = async (complaint: string, exitCode: 1 | 2): Promise<1 | 2> => {
    await channel.send({ kind: 'failed', complaint, exitCode });
    return exitCode;
  };
  try {
    return await serveAsked(first, fellows, { terminal, leaving, fail });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return fail(error.message, error.exitCode);
  }
}

interface Circumstances {
  readonly terminal: Terminal;
  readonly leaving: Leaving;
  readonly fail: (complaint: string, exitCode: 1 | 2) => Promise<1 | 2>;
}

async function serveAsked(
  { settings, instance }: Beginning,
  fellows: Fellows,
  { terminal, leaving, fail }: Circumstances,
): Promise<0 | 1 | 2> {
  const warn = (trouble: unknown): void => terminal.say(`${instance}: ${printable(String(trouble))}`);
  const proxy = createProxy(settings, undefined, warn, fellows);
  let complaint = '';
  const places = await listenAll(proxy, settings, (line) => {
    complaint = line;
  });
  if (places === undefined) {
    await proxy.close();
    return fail(complaint, 1);
  }
  fellows.channel.listen((message) => {
    if (message.kind === 'reopen-log') proxy.reopenLog();
  });
  void fellows.channel.send({ kind: 'ready', urls: places.urls, adminUrl: places.adminUrl });
  if ((await end(proxy, leaving)) === 'late' || isHeld()) terminal.exitNow(0);
  return 0;
}

/** Ends politely for as long as nobody is in a hurry. Resolves when it has. */
export async function end(proxy: Pick<Proxy, 'retire' | 'close'>, { retire, stop }: Leaving): Promise<HowEnded> {
  const stopped = stop.then(() => proxy.close());
  return Promise.race([retire.then(() => proxy.retire()), stopped]);
}

function asked(channel: Channel<ToPrimary, ToWorker>): {
  readonly begun: Promise<Beginning>;
  readonly leaving: Leaving;
} {
  const heard = <Kind extends ToWorker['kind']>(kind: Kind): Promise<Extract<ToWorker, { kind: Kind }>> =>
    new Promise((resolve) => {
      channel.listen((message) => {
        if (message.kind === kind) resolve(message as Extract<ToWorker, { kind: Kind }>);
      });
    });
  return {
    begun: heard('begin').then(({ beginning }) => beginning),
    leaving: { retire: heard('retire').then(() => undefined), stop: heard('stop').then(() => undefined) },
  };
}
