import { afterAll, beforeAll, expect, test } from 'vitest';
import { holdsOtherEnd } from '../bench/socket-owner.ts';
import { type BundledCommand, bundleCommand } from '../bundled-command.ts';
import { Barriers } from '../harness/barriers.ts';
import { atEnd } from '../harness/proxy-stage.ts';
import { RawClient } from '../harness/raw-client.ts';
import { recordingOrigin, responseWith } from '../harness/recording-origin.ts';
import { readResponses } from '../harness/strict-messages.ts';
import { launchEtagere } from '../real/etagere-launch.ts';
import { ask, workersOf } from '../real/workers-stage.ts';

let command: BundledCommand;

beforeAll(async () => {
  command = await bundleCommand();
});

afterAll(() => command.remove());

test('a worker that is killed takes its own clients with it: the others are answered by one more request, and another worker begins', async () => {
  const barriers = new Barriers();
  const origin = await recordingOrigin(async ({ index }) => {
    // The first has no answer: who asked for it is dead.
    await barriers.reached(index === 0 ? 'never' : 'answer');
    return responseWith('whole', ['Cache-Control: max-age=600']);
  });
  atEnd(() => origin.close());
  const flags = ['--workers', '2', '--log', 'off', '--overload-delay', '0s'];
  const launched = await launchEtagere(origin.url, flags, { program: command.program });
  atEnd(() => launched.stop());
  const clients: RawClient[] = [];
  const asking = (): RawClient => {
    const client = new RawClient(Number(new URL(launched.url).port));
    atEnd(() => client.socket.destroy());
    client.send('GET /a HTTP/1.1\r\nHost: shop.test\r\n\r\n');
    clients.push(client);
    return client;
  };
  const first = asking();
  await origin.requests(1);
  const victim = workersOf(launched.pid).find((pid) => holdsOtherEnd(pid, first.socket.localPort ?? 0));
  expect(victim).toBeDefined();
  for (let count = 0; count < 5; count++) asking();
  process.kill(victim ?? 0, 'SIGKILL');
  await first.closed;
  await origin.requests(2);
  barriers.open('answer');
  const left = await Promise.all(
    clients.map(async (client) => {
      const whole = client.until((received) => readResponses(received, ['GET']).messages.length === 1);
      return whole.then(
        () => readResponses(client.received, ['GET']).messages[0]?.content,
        () => client.received,
      );
    }),
  );
  // Of those that the dead one had, nobody got anything that looks like an answer.
  expect(new Set(left)).toEqual(new Set(['whole', '']));
  await launched.said(/ended by SIGKILL; another begins/);
  expect((await ask(`${launched.url}/a`, undefined, { host: 'shop.test' })).content).toBe('whole');
  expect(origin.seen).toHaveLength(2);
});

test('whoever ends it while a worker begins in the place of a killed one does not wait for that', async () => {
  const flags = ['--workers', '2', '--log', 'off', '--drain-timeout', '10m'];
  const launched = await launchEtagere('http://127.0.0.1:9', flags, { program: command.program });
  const [victim = 0] = workersOf(launched.pid);
  process.kill(victim, 'SIGKILL');
  await launched.said(/ended by SIGKILL; another begins/);
  // Rejects where it has not ended in half a minute, of the twenty that it would have for what is under way.
  await launched.stop();
  expect(launched.lines.at(-1)).toContain('finishing the responses under way');
});
