import { hostAndPort, isSelf } from '../config/addresses.ts';
import { type EtagereOptions, resolveSettings } from '../config/options.ts';
import { only, type Settings } from '../config/settings.ts';
import { UsageError } from '../config/usage-error.ts';
import { createProxy, type Proxy } from '../main.ts';
import { startDemoOrigin, thingsToTry } from './demo-origin.ts';
import type { Terminal } from './terminal.ts';

/** Serves until a signal, then drains. Resolves with the exit code: 0 after a signal, 1 when it could not listen. */
export async function serve(settings: Settings, terminal: Terminal, onReady?: (url: string) => void): Promise<0 | 1> {
  refuseSelf(settings);
  const proxy = createProxy(settings);
  const stopped = firstStop(terminal);
  let url: string;
  try {
    url = await proxy.listen();
  } catch (error) {
    terminal.say(`etagere: ${listenFailure(error, settings)}`);
    await proxy.close();
    return 1;
  }
  terminal.say(`etagere listening on ${url} -> ${originUrl(settings)}`);
  const { memoryBytes } = settings.limits;
  if (memoryBytes > terminal.machineBytes) {
    const [asked, there] = [memoryBytes, terminal.machineBytes].map((bytes) => `${Math.round(bytes / 2 ** 20)}mb`);
    terminal.say(
      `etagere: --memory is ${asked}, and there are ${there} here; the system may end the process before it is full`,
    );
  }
  if (terminal.nodeVersion.startsWith('v20.')) {
    terminal.say('etagere: Node 20 is past its end of life; run 24 or newer in production');
  }
  onReady?.(url);
  await stopped;
  await drain(proxy, terminal);
  return 0;
}

/** Every request would come back here until its Via tells the loop. */
function refuseSelf(settings: Settings): void {
  const origin = originUrl(settings);
  if (!isSelf(origin, only(settings.listen))) return;
  throw new UsageError(
    `origin: ${origin} is where Etagere itself is to listen`,
    'name the server behind it, or listen elsewhere: --listen 8081',
  );
}

function originUrl({ origins }: Settings): string {
  return only(only(origins).servers).url;
}

/** `serve` before the bundled example origin; says what to try. */
export async function serveDemo(options: Omit<EtagereOptions, 'origin'>, terminal: Terminal): Promise<0 | 1> {
  const origin = await startDemoOrigin({ lineDelayMs: 200, now: () => new Date() });
  try {
    return await serve(resolveSettings({ ...options, origin: origin.url }), terminal, (url) => {
      terminal.say(
        `\nThe example origin runs in this process. Ask it through Etagere, twice, and watch Cache-Status:\n`,
      );
      terminal.say(`${thingsToTry(url)}\nCtrl-C ends it; etagere --help shows the rest.`);
    });
  } finally {
    await origin.close();
  }
}

/** A second signal means that whoever sent it does not want to wait. */
function firstStop(terminal: Terminal): Promise<void> {
  return new Promise((resolve) => {
    let stops = 0;
    terminal.onStop(() => {
      stops += 1;
      if (stops === 1) resolve();
      else terminal.exitNow(1);
    });
  });
}

async function drain(proxy: Proxy, terminal: Terminal): Promise<void> {
  terminal.say('etagere: finishing the responses under way; a second signal ends at once');
  await proxy.close();
}

function listenFailure(error: unknown, settings: Settings): string {
  const { host, port } = only(settings.listen);
  const address = hostAndPort({ host, port });
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return `${address} is in use by another process; choose another port, like --listen ${hostAndPort({ host, port: port === 65_535 ? 8080 : port + 1 })}, or --listen 0 for any free one`;
    case 'EACCES':
      return `this user may not listen on ${address}; choose a port above 1023: --listen 8080`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is no address of this machine; choose another: --listen 127.0.0.1:${port}`;
    default:
      return `can't listen on ${address}: ${String(error)}`;
  }
}
