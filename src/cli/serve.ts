import { hostAndPort } from '../config/addresses.ts';
import type { EtagereOptions } from '../config/options.ts';
import { pathText } from '../config/problems.ts';
import { resolveSettings } from '../config/resolve.ts';
import { selfReferences } from '../config/self-reference.ts';
import type { AdminSettings, Settings } from '../config/settings.ts';
import { UsageError } from '../config/usage-error.ts';
import type { LoadSettings } from '../in-force.ts';
import { createProxy, type Proxy } from '../main.ts';
import { startDemoOrigin, thingsToTry } from './demo-origin.ts';
import { printable } from './printable.ts';
import type { Terminal } from './terminal.ts';

/** Serves until a signal, then drains. Resolves with the exit code: 0 after a signal, 1 when it could not listen. */
export async function serve(settings: Settings, terminal: Terminal, ways: Ways = {}): Promise<0 | 1> {
  refuseSelf(settings);
  const proxy = createProxy(settings, ways.load, (trouble) => terminal.say(`etagere: ${printable(String(trouble))}`));
  const stopped = firstStop(terminal);
  const urls = await listening(proxy.listen, { flag: '--listen', addresses: settings.listen }, terminal);
  const admin: Place | undefined = settings.admin && { flag: '--admin', addresses: [settings.admin.listen] };
  const adminUrl = urls && admin && (await listening(proxy.listenAdmin, admin, terminal));
  const [url] = urls ?? [];
  if (urls === undefined || url === undefined || (admin !== undefined && adminUrl === undefined)) {
    await proxy.close();
    return 1;
  }
  for (const each of urls) terminal.say(`etagere listening on ${each} -> ${originUrls(settings).join(', ')}`);
  if (adminUrl !== undefined) terminal.say(`etagere admin on ${adminUrl}`);
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
  terminal.onHangup(() => {
    if (settings.logFile !== undefined) proxy.reopenLog();
    if (settings.logFile === undefined || ways.load !== undefined) reload(proxy, terminal);
  });
  ways.onReady?.(url);
  await stopped;
  await drain(proxy, terminal);
  return 0;
}

/** What else serving may have to do with. */
export interface Ways {
  /** Reads the configuration anew. */
  readonly load?: LoadSettings;
  readonly onReady?: (url: string) => void;
}

/** Says what became of it; what is wrong with the new configuration is no reason to end. */
function reload(proxy: Proxy, terminal: Terminal): void {
  const outcome = proxy.reload();
  if (outcome.kind === 'refused') {
    terminal.say(`etagere: ${outcome.problem}`);
    terminal.say('etagere: nothing was changed');
    return;
  }
  for (const warning of outcome.warnings) terminal.say(`etagere: ${warning}`);
  const changed = outcome.changed.length === 0 ? 'nothing is different' : `in force: ${outcome.changed.join(', ')}`;
  terminal.say(`etagere: the configuration was read anew; ${changed}`);
}

/** Where to listen, and what moves it elsewhere. */
interface Place {
  readonly flag: '--listen' | '--admin';
  /** One at least. */
  readonly addresses: readonly AdminSettings['listen'][];
}

/** What `listen` resolves with, as soon as all are listening; undefined where one can't, which is said. */
async function listening<T>(listen: () => Promise<T>, place: Place, terminal: Terminal): Promise<T | undefined> {
  try {
    return await listen();
  } catch (error) {
    terminal.say(`etagere: ${listenFailure(error, place)}`);
    return undefined;
  }
}

/** @throws UsageError for the first of what would have it ask itself */
function refuseSelf(settings: Settings): void {
  const [first] = selfReferences(settings);
  if (first !== undefined) throw new UsageError(`${pathText(first.path)}: ${first.problem}`, first.advice);
}

function originUrls({ origins }: Settings): string[] {
  return origins.flatMap(({ servers }) => servers.map(({ url }) => url));
}

/** `serve` before the bundled example origin; says what to try. */
export async function serveDemo(options: Omit<EtagereOptions, 'origin'>, terminal: Terminal): Promise<0 | 1> {
  const origin = await startDemoOrigin({ lineDelayMs: 200, now: () => new Date() });
  try {
    const onReady = (url: string): void => {
      terminal.say(
        `\nThe example origin runs in this process. Ask it through Etagere, twice, and watch Cache-Status:\n`,
      );
      terminal.say(`${thingsToTry(url)}\nCtrl-C ends it; etagere --help shows the rest.`);
    };
    return await serve(resolveSettings({ ...options, origin: origin.url }), terminal, { onReady });
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

function listenFailure(error: unknown, { flag, addresses }: Place): string {
  const refused = error instanceof Error && 'port' in error ? error.port : undefined;
  const [first = { host: '', port: 0 }] = addresses;
  const address = addresses.find((each) => each.port === refused) ?? first;
  const { host, port } = address;
  const text = hostAndPort(address);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return `${text} is in use by another process; choose another port, like ${flag} ${hostAndPort({ host, port: port === 65_535 ? 8080 : port + 1 })}, or ${flag} 0 for any free one`;
    case 'EACCES':
      return `this user may not listen on ${text}; choose a port above 1023: ${flag} 8080`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is no address of this machine; choose another: ${flag} 127.0.0.1:${port}`;
    default:
      return `can't listen on ${text}: ${String(error)}`;
  }
}
