import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { fieldsOf, fieldValue } from '../../../src/http/fields.ts';
import { type GroupOptions, OriginGroup } from '../../../src/origin/origin-group.ts';
import type { OriginHandler, OriginRequest, OriginStats } from '../../../src/origin/origin.ts';
import { ManualClock } from '../../../src/play/manual-clock.ts';
import { ScriptedOrigin } from '../../../src/play/scripted-origin.ts';

const request: OriginRequest = {
  method: 'GET',
  target: '/a',
  fields: fieldsOf(['host', 'first.test'], ['accept', '*/*']),
  content: null,
};

/** An origin for which requests wait, as many as a test says. */
class Server extends ScriptedOrigin {
  queued = 0;

  override stats(): OriginStats {
    return { ...super.stats(), queued: this.queued };
  }
}

const anotherTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Three servers, the last with twice the weight. */
function stage(options: Partial<GroupOptions> = {}, weights = [1, 1, 2]) {
  const clock = new ManualClock(0);
  const origins = weights.map(() => new Server(() => undefined));
  const changes: (readonly [url: string, cause: string, isAnyUp: boolean])[] = [];
  const checked = weights.map(() => new ScriptedOrigin(() => undefined));
  const servers = origins.map((origin, i) => ({
    origin,
    forChecks: checked[i] ?? origin,
    authority: `s${i}.test`,
    weight: weights[i] ?? 1,
  }));
  const group = new OriginGroup(servers, {
    preserveHost: false,
    ejection: undefined,
    healthCheck: undefined,
    clock,
    onChange: ({ url, cause, isAnyUp }) => void changes.push([url, cause.kind, isAnyUp]),
    ...options,
  });
  const told: string[] = [];
  const handler: OriginHandler = {
    onInterim: () => void told.push('interim'),
    onHead: ({ status }) => void told.push(String(status)),
    onData: () => void told.push('data'),
    onEnd: () => void told.push('end'),
    onError: ({ code }) => void told.push(code),
  };
  const ask = (change: Partial<OriginRequest> = {}) => group.request({ ...request, ...change }, handler);
  const counts = (): number[] => origins.map(({ arrivals }) => arrivals.length);
  const pass = (ms: number): Promise<void> => clock.advance(ms, anotherTurn);
  const states = (): boolean[] => group.states().map(({ isUp }) => isUp);
  return { group, origins, checked, told, ask, counts, pass, states, changes };
}

describe('a group of servers', () => {
  it('asks each in its turn, by weight, and none twice in a row that need not be', () => {
    const { ask, counts, origins } = stage();
    for (let i = 0; i < 8; i++) ask();
    expect(counts()).toEqual([2, 2, 4]);
    expect(origins[2]?.arrivals.length).toBe(4);
  });

  it('sends each its own Host, unless that of the client is kept', () => {
    const { ask, origins } = stage({}, [1, 1]);
    ask();
    ask();
    const hosts = origins.map(({ arrivals }) => fieldValue(arrivals[0]?.fields ?? fieldsOf(), 'host'));
    expect(hosts).toEqual(['s0.test', 's1.test']);
    const kept = stage({ preserveHost: true }, [1, 1]);
    kept.ask();
    expect(fieldValue(kept.origins[0]?.arrivals[0]?.fields ?? fieldsOf(), 'host')).toBe('first.test');
  });

  it('goes on to the next one with a request that could not be sent', async () => {
    const { ask, origins, told, counts } = stage({}, [1, 1]);
    const [first, second] = origins;
    if (first !== undefined) first.accepts = false;
    ask();
    await anotherTurn();
    expect(counts()).toEqual([0, 1]);
    second?.arrivals[0]?.head({ status: 200, fields: fieldsOf() });
    second?.arrivals[0]?.end();
    expect(told).toEqual(['200', 'end']);
  });

  it('tells the error where no server can be reached', async () => {
    const { ask, origins, told } = stage({}, [1, 1]);
    for (const origin of origins) origin.accepts = false;
    ask();
    await anotherTurn();
    await anotherTurn();
    expect(told).toEqual(['ORIGIN_REFUSED']);
  });

  it.each(['ORIGIN_HEAD_TIMEOUT', 'ORIGIN_BROKEN'] as const)(
    'does not send again what may have been received: %s',
    (code) => {
      const { ask, origins, told, counts } = stage({}, [1, 1]);
      ask({ method: 'POST' });
      origins[0]?.arrivals[0]?.fail(code);
      expect([told, counts()]).toEqual([[code], [1, 0]]);
    },
  );

  it('leaves out a server that fails, and asks all where each does', () => {
    const ejection = { failures: 1, withinMs: 1_000, forMs: 60_000 };
    const { ask, origins, counts, group } = stage({ ejection }, [1, 1]);
    ask();
    origins[0]?.arrivals[0]?.head({ status: 503, fields: fieldsOf() });
    for (let i = 0; i < 4; i++) ask();
    expect(counts()).toEqual([1, 4]);
    expect(group.states().map(({ isUp }) => isUp)).toEqual([false, true]);
    for (const arrival of origins[1]?.arrivals ?? []) arrival.fail('ORIGIN_BROKEN');
    for (let i = 0; i < 4; i++) ask();
    expect(counts()).toEqual([3, 6]);
  });

  it('does not hold a 500 or a 404 against a server, which are about the request', () => {
    const ejection = { failures: 1, withinMs: 1_000, forMs: 60_000 };
    const { ask, origins, group } = stage({ ejection }, [1]);
    for (const status of [500, 404]) {
      ask();
      origins[0]?.arrivals.at(-1)?.head({ status, fields: fieldsOf() });
    }
    expect(group.states().map(({ isUp }) => isUp)).toEqual([true]);
  });

  it('asks the next one instead of one that is too busy, also with content, and does not call that a failure', () => {
    const ejection = { failures: 1, withinMs: 1_000, forMs: 60_000 };
    const { ask, origins, told, counts, states } = stage({ ejection }, [1, 1]);
    ask({ method: 'POST', content: Readable.from(['content']) });
    origins[0]?.arrivals[0]?.fail('ORIGIN_BUSY');
    expect([told, counts(), states()]).toEqual([[], [1, 1], [true, true]]);
  });

  it('spares a server for which requests wait already, unless they do for each', () => {
    const { ask, origins, counts } = stage({}, [1, 1]);
    const [first, second] = origins;
    if (first !== undefined) first.queued = 1;
    for (let i = 0; i < 4; i++) ask();
    expect(counts()).toEqual([0, 4]);
    if (second !== undefined) second.queued = 1;
    for (let i = 0; i < 4; i++) ask();
    expect(counts()).toEqual([2, 6]);
  });

  it('leaves out a server whose content breaks off every time, although its heads are good', () => {
    const ejection = { failures: 2, withinMs: 1_000, forMs: 60_000 };
    const { ask, origins, states } = stage({ ejection }, [1]);
    for (const expected of [true, false]) {
      ask();
      origins[0]?.arrivals.at(-1)?.head({ status: 200, fields: fieldsOf() });
      origins[0]?.arrivals.at(-1)?.breakOff();
      expect(states()).toEqual([expected]);
    }
  });

  it('counts an answer once that fails by its status and in its content', () => {
    const ejection = { failures: 2, withinMs: 1_000, forMs: 60_000 };
    const { ask, origins, states } = stage({ ejection }, [1]);
    ask();
    origins[0]?.arrivals[0]?.head({ status: 503, fields: fieldsOf() });
    origins[0]?.arrivals[0]?.breakOff();
    expect(states()).toEqual([true]);
  });

  it('tells that a server is left out and that its time is over, once each, and counts it', async () => {
    const ejection = { failures: 1, withinMs: 1_000, forMs: 5_000 };
    const { ask, origins, changes, group, pass } = stage({ ejection }, [1, 1]);
    const [url] = origins.map((origin) => origin.url);
    ask();
    ask();
    origins[0]?.arrivals[0]?.fail('ORIGIN_BROKEN');
    expect(changes).toEqual([[url, 'failures', true]]);
    await pass(4_999);
    expect(changes).toHaveLength(1);
    await pass(1);
    expect(changes.slice(1)).toEqual([[url, 'time-over', true]]);
    expect(group.states().map(({ downs }) => downs)).toEqual([1, 0]);
  });

  it('tells of the last server that no other is up, and nothing of one that fails again while it is left out', async () => {
    const ejection = { failures: 1, withinMs: 1_000, forMs: 5_000 };
    const { ask, origins, changes, pass } = stage({ ejection }, [1]);
    ask();
    ask();
    origins[0]?.arrivals[0]?.fail('ORIGIN_BROKEN');
    await pass(4_000);
    origins[0]?.arrivals[1]?.fail('ORIGIN_BROKEN');
    await pass(4_999);
    expect(changes.map(([, ...change]) => change)).toEqual([['failures', false]]);
    await pass(1);
    expect(changes.map(([, ...change]) => change).slice(1)).toEqual([['time-over', true]]);
  });

  it('tells nothing of what it breaks off itself', async () => {
    const ejection = { failures: 1, withinMs: 1_000, forMs: 5_000 };
    const { ask, origins, changes, group } = stage({ ejection }, [1]);
    ask();
    await group.close();
    origins[0]?.arrivals[0]?.fail('ORIGIN_BROKEN');
    expect(changes).toEqual([]);
  });

  it('sums up what its servers are busy with', () => {
    const { ask, group } = stage();
    ask();
    ask();
    expect(group.stats()).toEqual({ active: 2, queued: 0 });
  });
});

describe('the checks of a group', () => {
  const healthCheck = {
    path: '/health',
    intervalMs: 1_000,
    timeoutMs: 500,
    statuses: [[200, 299]] as const,
    healthyAfter: 1,
    unhealthyAfter: 2,
  };

  it('leave out a server whose answers are bad or do not come until they are good again', async () => {
    const { checked, group, pass, states, counts, changes } = stage({ healthCheck }, [1, 1]);
    const answer = (status: number): void => {
      checked[0]?.arrivals.at(-1)?.head({ status, fields: fieldsOf() });
      checked[0]?.arrivals.at(-1)?.end();
    };
    await pass(0);
    expect(checked[0]?.arrivals[0]).toMatchObject({ method: 'GET', target: '/health' });
    answer(500);
    await pass(1_000);
    answer(500);
    expect(states()).toEqual([false, true]);
    await pass(1_000);
    answer(204);
    // The second one never answers: its checks of 0 s and 1.5 s were given up after half a second each.
    expect(states()).toEqual([true, false]);
    expect(checked[1]?.arrivals[0]?.withdrawn).toBe(true);
    expect(counts()).toEqual([0, 0]);
    expect(changes.map(([, ...change]) => change)).toEqual([
      ['bad-checks', true],
      ['bad-checks', false],
      ['good-checks', true],
    ]);
    await group.close();
    const asked = checked[0]?.arrivals.length;
    await pass(10_000);
    expect(checked[0]?.arrivals.length).toBe(asked);
  });

  it('go by the head, and end what comes after it when the time of an answer is over', async () => {
    const { checked, pass, states } = stage({ healthCheck }, [1]);
    const [server] = checked;
    await pass(0);
    server?.arrivals[0]?.head({ status: 200, fields: fieldsOf() });
    await pass(499);
    expect(server?.arrivals[0]?.withdrawn).toBe(false);
    await pass(1);
    expect(server?.arrivals[0]?.withdrawn).toBe(true);
    await pass(1_000);
    expect(server?.arrivals).toHaveLength(2);
    expect(states()).toEqual([true]);
  });
});
