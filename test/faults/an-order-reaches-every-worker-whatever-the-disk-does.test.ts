import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { layoutOf } from '../../src/store/disk/layout.ts';
import { holdsOtherEnd } from '../bench/socket-owner.ts';
import { type BundledCommand, bundleCommand } from '../bundled-command.ts';
import { atEnd } from '../harness/proxy-stage.ts';
import { RawClient } from '../harness/raw-client.ts';
import { recordingOrigin, responseWith } from '../harness/recording-origin.ts';
import { readResponses } from '../harness/strict-messages.ts';
import { launchEtagere } from '../real/etagere-launch.ts';
import { workersOf } from '../real/workers-stage.ts';

let command: BundledCommand;

beforeAll(async () => {
  command = await bundleCommand();
});

afterAll(() => command.remove());

/** A client whose connection one worker has. */
class Client {
  readonly #raw: RawClient;
  readonly #host: string;
  readonly #methods: string[] = [];

  constructor(raw: RawClient, host: string) {
    this.#raw = raw;
    this.#host = host;
  }

  /** The content of the answer. */
  async ask(target: string, method = 'GET', content = ''): Promise<string> {
    this.#methods.push(method);
    const length = method === 'GET' ? '' : `Content-Type: application/json\r\nContent-Length: ${content.length}\r\n`;
    this.#raw.send(`${method} ${target} HTTP/1.1\r\nHost: ${this.#host}\r\n${length}\r\n${content}`);
    const count = this.#methods.length;
    const read = (): readonly { readonly content: string }[] =>
      readResponses(this.#raw.received, this.#methods).messages;
    await this.#raw.until(() => read().length === count);
    return read()[count - 1]?.content ?? '';
  }

  /** Asks until that is the answer: orders are on their way for a moment. */
  async comesTo(target: string, content: string): Promise<void> {
    while ((await this.ask(target)) !== content);
  }
}

/** Two workers, over a shelf on a disk, before an origin that answers with its version. */
async function workers() {
  let version = 'one';
  const origin = await recordingOrigin(async () => responseWith(version, ['Cache-Control: max-age=600']));
  atEnd(() => origin.close());
  const folder = mkdtempSync(join(tmpdir(), 'etagere-order-'));
  atEnd(async () => rmSync(folder, { recursive: true, force: true }));
  const shelf = join(folder, 'shelf');
  const flags = [
    '--workers',
    '2',
    '--store',
    `disk:${shelf}`,
    '--admin',
    '0',
    '--log',
    'off',
    '--overload-delay',
    '0s',
  ];
  const launched = await launchEtagere(origin.url, flags, { program: command.program });
  atEnd(() => launched.stop());
  const [, admin = ''] = await launched.said(/^etagere admin on (\S+)$/);
  const clientAt = async (url: string, pid: number): Promise<Client> => {
    for (;;) {
      const raw = new RawClient(Number(new URL(url).port));
      atEnd(() => raw.socket.destroy());
      await once(raw.socket, 'connect');
      const client = new Client(raw, url === admin ? new URL(admin).host : 'shop.test');
      await client.ask(url === admin ? '/healthz' : '/whose');
      if (holdsOtherEnd(pid, raw.socket.localPort ?? 0)) return client;
      raw.socket.destroy();
    }
  };
  const [first = 0, second = 0] = workersOf(launched.pid);
  return {
    shelf,
    second,
    one: await clientAt(launched.url, first),
    other: await clientAt(launched.url, second),
    admin: await clientAt(admin, first),
    changes: (): void => {
      version = 'two';
    },
  };
}

const purgeOf = (target: string): string => JSON.stringify({ url: `http://shop.test${target}` });

/** A process that writes on the shelf, and is halted in the middle of that. */
async function haltedWriter(shelf: string): Promise<() => Promise<void>> {
  const path = JSON.stringify(layoutOf(shelf).database);
  const program = `import { open } from 'lmdb';
    open({ path: ${path}, maxDbs: 7, overlappingSync: false }).transactionSync(() => {
      process.stdout.write('in the middle');
      process.kill(process.pid, 'SIGSTOP');
    });
    process.kill(process.pid, 'SIGKILL');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  atEnd(async () => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return async () => {
    child.kill('SIGCONT');
    await ended;
  };
}

test('while nobody can write on the shelf, as one who writes is halted, a worker knows what another has changed or purged, and both go on answering', async () => {
  const { shelf, one, other, admin, changes } = await workers();
  for (const target of ['/changed', '/purged', '/same'])
    for (const client of [one, other, one, other]) expect(await client.ask(target)).toBe('one');
  const goesOn = await haltedWriter(shelf);
  changes();
  await one.ask('/changed', 'POST');
  expect(await one.ask('/changed')).toBe('two');
  await other.comesTo('/changed', 'two');
  const receipt = admin.ask('/v1/purge', 'POST', purgeOf('/purged'));
  for (const client of [one, other]) await client.comesTo('/purged', 'two');
  for (const client of [one, other]) expect(await client.ask('/same')).toBe('one');
  await goesOn();
  const { acknowledged, unheard } = JSON.parse(await receipt) as { acknowledged: object[]; unheard?: string[] };
  expect([acknowledged.length, unheard]).toEqual([2, undefined]);
  for (const client of [one, other]) expect(await client.ask('/purged')).toBe('two');
});

test('a receipt names a worker that is halted, and once that has answered anybody it has what was ordered meanwhile in force', async () => {
  const { second, one, other, admin, changes } = await workers();
  for (const client of [one, other, one, other]) expect(await client.ask('/a')).toBe('one');
  process.kill(second, 'SIGSTOP');
  changes();
  const receipt = await admin.ask('/v1/purge', 'POST', purgeOf('/a'));
  const { acknowledged, unheard } = JSON.parse(receipt) as { acknowledged: object[]; unheard?: string[] };
  expect([acknowledged.length, unheard?.length]).toEqual([1, 1]);
  expect(await one.ask('/a')).toBe('two');
  process.kill(second, 'SIGCONT');
  await other.ask('/elsewhere');
  expect(await other.ask('/a')).toBe('two');
});
