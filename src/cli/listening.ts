import { hostAndPort } from '../config/addresses.ts';
import type { AdminSettings, Settings } from '../config/settings.ts';
import { UsageError } from '../config/usage-error.ts';
import type { Proxy } from '../main.ts';

/** Where it listens: URLs. */
export interface Places {
  /** One at least. */
  readonly urls: readonly string[];
  readonly adminUrl: string | undefined;
}

/**
 * Listens everywhere; undefined where it can't, and then `complain` is told why. What listens already has to be closed then.
 * @throws UsageError where it is not an address that is wrong; everything is closed by then
 */
export async function listenAll(
  proxy: Pick<Proxy, 'listen' | 'listenAdmin' | 'close'>,
  { listen, admin }: Settings,
  complain: (line: string) => void,
): Promise<Places | undefined> {
  const urls = await listening(() => listenOrClose(proxy), { flag: '--listen', addresses: listen }, complain);
  if (urls === undefined || admin === undefined) return urls && { urls, adminUrl: undefined };
  const adminUrl = await listening(proxy.listenAdmin, { flag: '--admin', addresses: [admin.listen] }, complain);
  return adminUrl === undefined ? undefined : { urls, adminUrl };
}

async function listenOrClose(proxy: Pick<Proxy, 'listen' | 'close'>): Promise<readonly string[]> {
  try {
    return await proxy.listen();
  } catch (error) {
    if (error instanceof UsageError) await proxy.close();
    throw error;
  }
}

/** Where to listen, and what moves it elsewhere. */
interface Place {
  readonly flag: '--listen' | '--admin';
  /** One at least. */
  readonly addresses: readonly AdminSettings['listen'][];
}

/** What `listen` resolves with, as soon as all are listening; undefined where one can't, which is said. */
async function listening<T>(
  listen: () => Promise<T>,
  place: Place,
  complain: (line: string) => void,
): Promise<T | undefined> {
  try {
    return await listen();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    complain(listenFailure(error, place));
    return undefined;
  }
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
