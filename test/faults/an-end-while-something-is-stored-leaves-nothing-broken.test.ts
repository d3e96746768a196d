import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BundledCommand, bundleCommand } from '../bundled-command.ts';
import { describedBy, describedContent } from '../harness/described-content.ts';
import { atEnd } from '../harness/proxy-stage.ts';
import { RawClient } from '../harness/raw-client.ts';
import { recordingOrigin, responseWith } from '../harness/recording-origin.ts';
import { readResponses } from '../harness/strict-messages.ts';
import { launchEtagere } from '../real/etagere-launch.ts';

let command: BundledCommand;

beforeAll(async () => {
  command = await bundleCommand();
});

afterAll(() => command.remove());

/** Asked for at once in each round, small and large. */
const together = 20;
const lengths = [300, 20_000, 200_000];

function asking(url: string, target: string): RawClient {
  const client = new RawClient(Number(new URL(url).port));
  atEnd(() => client.socket.destroy());
  client.send(`GET ${target} HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n`);
  return client;
}

test('whatever ends it while it stores, and how: what is found afterwards is whole, and each response that its clients had got before is there or asked for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'etagere-ends-'));
  atEnd(() => rmSync(folder, { recursive: true }));
  const origin = await recordingOrigin(({ target, index }) => {
    const length = lengths[index % lengths.length];
    const content = describedContent({ url: target, variant: '', user: '', generation: index }, length);
    return responseWith(content, ['Cache-Control: max-age=600']);
  });
  atEnd(() => origin.close());
  const flags = ['--store', `disk:${join(folder, 'shelf')}`, '--log', 'off', '--overload-delay', '0s'];
  const begun = (): ReturnType<typeof launchEtagere> => launchEtagere(origin.url, flags, { program: command.program });
  const targets: string[] = [];
  for (const [round, signal] of (['SIGKILL', 'SIGTERM', 'SIGKILL', 'SIGTERM', 'SIGKILL'] as const).entries()) {
    const launched = await begun();
    const added = Array.from({ length: together }, (_, i) => `/${round}/${i}`);
    targets.push(...added);
    const clients = added.map((target) => asking(launched.url, target));
    // Those that have their answer by then are being put there; others are still on their way.
    await Promise.all(clients.slice(0, 1 + round * 4).map(({ closed }) => closed));
    process.kill(launched.pid, signal);
    await launched.ended;
    for (const { socket } of clients) socket.destroy();
  }
  const last = await begun();
  const before = origin.seen.length;
  for (const target of targets) {
    const client = asking(last.url, target);
    await client.closed;
    const { messages, rest } = readResponses(client.received, ['GET'], true);
    expect([messages.length, rest]).toEqual([1, '']);
    expect(describedBy(messages[0]?.content ?? '').url).toBe(target);
  }
  // Most of what was there when it ended in an orderly way, at the least, is not asked for again.
  expect(origin.seen.length - before).toBeLessThan(targets.length - together);
  await last.stop();
});
