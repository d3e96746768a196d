import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, type TestContext } from 'vitest';
import { systemClock } from '../../../src/engine/clock.ts';
import { inapplicable } from '../../../src/play/applicable.ts';
import { startEtagere } from '../../../src/play/etagere.ts';
import type { Fixture } from '../../../src/play/fixture.ts';
import { defaultOptions } from '../../../src/play/options.ts';
import { fixtureReport } from '../../../src/play/report.ts';
import { playSuite } from '../../../src/play/suite.ts';
import { openTarget, type Target } from '../../../src/play/target.ts';
import { freePort } from '../../free-port.ts';
import { fixtureOf, hit } from './fixture-text.ts';
import { startRelay } from './socket-relay.ts';

const startRealEtagere = ({ originUrl }: { readonly originUrl: string }) =>
  startEtagere({ originUrl, clock: systemClock, options: defaultOptions });

/** A cache elsewhere, started with the address of an origin that does not listen yet. */
async function targetBefore(start: typeof startRelay, { onTestFinished }: TestContext): Promise<Target> {
  const originPort = await freePort();
  const cache = await start({ originUrl: `http://127.0.0.1:${originPort}` });
  const target = await openTarget({ url: cache.url, originPort, run: 'test' });
  onTestFinished(async () => {
    target.close();
    await cache.close();
  });
  return target;
}

async function outcomes(target: Target, fixtures: readonly Fixture[]): Promise<(string | undefined)[]> {
  const played = await playSuite(fixtures, {
    source: target.brisk,
    sideBySide: 8,
    inapplicable: (fixture) => inapplicable(fixture, 5_000),
  });
  return played.map(fixtureReport).map(({ outcome, message }) => message ?? outcome);
}

const unavailable = `origin refuses
client sends GET /a
client receives 502
`;

function exchange(saying: string, seen: string): Fixture {
  return fixtureOf(
    `client sends GET /a\norigin receives GET /a\norigin answers 204\n${saying}client receives 204\n  ${seen}\n`,
  );
}

/** Side by side, as most of their time is waiting. */
describe.concurrent('a cache elsewhere', () => {
  it('is Etagere: fixtures with the same paths pass side by side, as each has a place of its own', async (test) => {
    const target = await targetBefore(startRealEtagere, test);
    const other = hit.replaceAll('one', 'two');
    expect(await outcomes(target, [fixtureOf(hit), fixtureOf(other), fixtureOf(hit)])).toEqual([
      'passed',
      'passed',
      'passed',
    ]);
  });

  it('is a proxy that stores nothing: the second request betrays it', async (test) => {
    const target = await targetBefore(startRelay, test);
    expect(await outcomes(target, [fixtureOf(hit)])).toEqual([
      expect.stringContaining(
        'topic/a.cache:13: origin silent: expected no request at the origin, got GET /a',
      ) as string,
    ]);
  });

  it('is asked in real time', async (test) => {
    const target = await targetBefore(startRealEtagere, test);
    const steps = `client sends GET /a
origin receives GET /a
origin answers 200
  cache-control: max-age=1
  body one
client receives 200
at 1s
client sends GET /a
origin receives GET /a
origin answers 200
  body two
client receives 200
  body two
`;
    expect(await outcomes(target, [fixtureOf(steps)])).toEqual(['passed']);
  });

  it('is asked for authorities of the fixture alone, which the fixture sees as its own', async (test) => {
    const target = await targetBefore(startRelay, test);
    const steps = `client sends GET /a
  host: other.test
origin receives GET /a
  host: other.test
origin answers 204
client receives 204
client sends GET /a
origin receives GET /a
  host: shelf.test
origin answers 204
client receives 204
`;
    expect(await outcomes(target, [fixtureOf(steps)])).toEqual(['passed']);
  });

  it('can be asked at a slower pace as well', async (test) => {
    const target = await targetBefore(startRealEtagere, test);
    const played = await playSuite([fixtureOf(hit)], {
      source: target.slow,
      sideBySide: 1,
      inapplicable: () => undefined,
    });
    expect(played.map(({ result }) => result.outcome)).toEqual(['passed']);
  });

  it('is not asked for what it can not show', async (test) => {
    const target = await targetBefore(startRealEtagere, test);
    const fixtures = [fixtureOf(hit, { head: 'options preset rfc\n' }), fixtureOf('at 1h\n')];
    expect(await outcomes(target, fixtures)).toEqual([
      'needs a configuration of Etagere',
      'takes longer than the patience',
    ]);
  });

  it('may find its origin gone, and finds it again for the next fixture', async (test) => {
    const target = await targetBefore(startRealEtagere, test);
    expect(await outcomes(target, [fixtureOf(unavailable), fixtureOf(unavailable), fixtureOf(hit)])).toEqual([
      'passed',
      'passed',
      'passed',
    ]);
  });

  it('sees where a response points to below the place of its fixture', async (test) => {
    const target = await targetBefore(startRealEtagere, test);
    const steps = `client sends GET /b
origin receives GET /b
origin answers 200
  cache-control: max-age=60
  body one
client receives 200
client sends POST /a
origin receives POST /a
origin answers 201
  location: /b
client receives 201
  location: /b
client sends GET /b
origin receives GET /b
origin answers 200
client receives 200
`;
    expect(await outcomes(target, [fixtureOf(steps)])).toEqual(['passed']);
  });

  it('gets a Date from the origin, unless the fixture is about that', async (test) => {
    const target = await targetBefore(startRelay, test);
    const old = 'Thu, 01 Jan 2015 00:00:00 GMT';
    expect(
      await outcomes(target, [
        exchange('', 'x: 1'),
        exchange('', 'no date'),
        exchange(`  date: ${old}\n`, `date: ${old}`),
      ]),
    ).toEqual([expect.stringContaining('expected x: 1, got no x') as string, 'passed', 'passed']);
  });

  it('is told of requests that no fixture waits for, so that it is not left waiting', async (test) => {
    const target = await targetBefore(startRelay, test);
    const response = await fetch(`${target.originUrl}/health`);
    expect([response.status, await response.text()]).toEqual([500, 'canary: the origin was asked']);
  });
});

describe('whether a cache forwards to us', () => {
  it('is known by the first request that arrives', async (test) => {
    const target = await targetBefore(startRelay, test);
    expect(await target.unreached(0)).toBeUndefined();
  });

  it('is not when it answers by itself, and the answer is told', async (test) => {
    const server = createServer((_, response) => response.writeHead(404).end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const target = await openTarget({ url, originPort: 0, run: 'test' });
    test.onTestFinished(async () => {
      target.close();
      await once(server.close(), 'close');
    });
    expect(await target.unreached(0)).toEqual({ got: 'an answer with status 404', connects: true });
  });

  it('is not when nothing listens there', async (test) => {
    const target = await openTarget({ url: `http://127.0.0.1:${await freePort()}`, originPort: 0, run: 'test' });
    test.onTestFinished(() => target.close());
    expect(await target.unreached(0)).toEqual({ got: 'no answer (ECONNREFUSED)', connects: false });
  });
});
