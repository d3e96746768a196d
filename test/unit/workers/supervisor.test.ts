import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Beginning } from '../../../src/workers/messages.ts';
import { Stage, running } from './stage.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a start', () => {
  it('is done when all listen', async () => {
    const stage = new Stage(2);
    let isDone = false;
    const started = stage.supervisor.start().finally(() => {
      isDone = true;
    });
    stage.at(0).listen();
    await stage.pass();
    expect(isDone).toBe(false);
    stage.at(1).listen();
    expect(await started).toEqual({ kind: 'listening', urls: ['http://127.0.0.1:1'], adminUrl: undefined });
  });

  it('gives each worker what it needs when it asks for it', async () => {
    const stage = new Stage(1);
    void stage.supervisor.start();
    stage.at(0).say({ kind: 'begin-me' });
    expect(stage.at(0).heard).toEqual(['begin']);
  });

  it('fails with what a worker says, and leaves none behind', async () => {
    const stage = new Stage(2);
    const started = stage.supervisor.start();
    stage.at(0).listen();
    stage.at(1).say({ kind: 'failed', complaint: 'the port is in use', exitCode: 1 });
    stage.at(1).end('with code 1');
    await stage.pass();
    expect(stage.at(0).heard).toEqual(['stop']);
    stage.at(0).end('with code 0');
    expect(await started).toMatchObject({ kind: 'failed', complaint: 'the port is in use', exitCode: 1 });
    expect(stage.processes).toHaveLength(2);
  });

  it('fails when workers end before they listen, at the third', async () => {
    const stage = new Stage(1);
    const started = stage.supervisor.start();
    for (let tries = 0; tries < 3; tries++) {
      stage.at(tries).end('by SIGSEGV');
      await stage.pass(1_000);
    }
    expect(await started).toMatchObject({ kind: 'failed', complaint: 'worker 3 ended by SIGSEGV before it listened' });
    expect(stage.processes).toHaveLength(3);
  });
});

describe('a worker that ends', () => {
  it('is replaced at once where it had lived for a while', async () => {
    const stage = await running(2);
    await stage.pass(10_000);
    stage.at(0).end('by SIGKILL');
    await stage.pass();
    expect(stage.processes).toHaveLength(3);
    expect(stage.said).toEqual(['etagere: worker 1 ended by SIGKILL; another begins']);
  });

  it('is replaced after pauses that grow where all end soon', async () => {
    const stage = await running(1);
    const pauses: number[] = [];
    for (let deaths = 1; deaths <= 11; deaths++) {
      stage.at(deaths - 1).end('with code 1');
      let waited = 0;
      for (await stage.pass(); stage.processes.length === deaths; waited += 100) await stage.pass(100);
      pauses.push(waited);
      stage.at(deaths).listen();
      await stage.pass();
    }
    expect(pauses).toEqual([0, 100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000]);
    expect(stage.said[2]).toBe('etagere: worker 3 ended with code 1; another begins in 200 ms');
  });

  it('is tried for until another listens', async () => {
    const stage = await running(1);
    await stage.pass(10_000);
    stage.at(0).end('by SIGKILL');
    for (let tries = 1; tries < 6; tries++) {
      await stage.pass(5_000);
      stage.at(tries).say({ kind: 'failed', complaint: 'no more files', exitCode: 1 });
    }
    await stage.pass(5_000);
    stage.at(6).listen();
    await stage.pass(60_000);
    expect(stage.processes).toHaveLength(7);
    expect(stage.said.at(-1)).toBe('etagere: no more files; trying again in 800 ms');
  });

  it('is not replaced once all are to stop', async () => {
    const stage = await running(2);
    const stopped = stage.supervisor.stop();
    for (const process of stage.processes) process.end('with code 0');
    await stopped;
    await stage.pass(60_000);
    expect(stage.processes).toHaveLength(2);
  });

  it('is not replaced where all are to stop while it is waited', async () => {
    const stage = await running(1);
    stage.at(0).end('with code 1');
    await stage.pass();
    stage.at(1).listen();
    await stage.pass();
    stage.at(1).end('with code 1');
    await stage.pass();
    await stage.supervisor.stop();
    await stage.pass(60_000);
    expect(stage.processes).toHaveLength(2);
  });
});

describe('a worker that does not answer', () => {
  it('is killed after ten seconds, which is told and counted, and replaced', async () => {
    const stage = await running(2);
    await stage.pass(10_000);
    stage.at(0).isHalted = true;
    await stage.pass(9_000);
    expect(stage.at(0).isKilled).toBe(false);
    await stage.pass(2_000);
    expect(stage.at(0).isKilled).toBe(true);
    expect(stage.processes).toHaveLength(3);
    expect(stage.said).toEqual([
      'etagere: worker 1 has not answered for 10 s, and is killed',
      'etagere: worker 1 ended by SIGKILL; another begins',
    ]);
    expect([stage.ledger.deaths, stage.ledger.silentDeaths]).toEqual([1, 1]);
  });

  it('is left alone where it says anything meanwhile', async () => {
    const stage = await running(1);
    stage.at(0).isHalted = true;
    for (let seconds = 0; seconds < 60; seconds += 9) {
      await stage.pass(9_000);
      stage.at(0).say({ kind: 'tells' });
    }
    expect(stage.at(0).isKilled).toBe(false);
  });

  it('has as many beats as ever where it was the first process that stood still', async () => {
    const stage = await running(1);
    await stage.pass(1_500);
    stage.now += 3_600_000;
    await stage.pass(1_000);
    expect(stage.at(0).isKilled).toBe(false);
  });

  it('has all the time it wants to begin', async () => {
    const stage = new Stage(1);
    const started = stage.supervisor.start();
    await stage.pass(60_000);
    stage.at(0).listen();
    expect(await started).toMatchObject({ kind: 'listening' });
  });

  it('is not replaced where it was asked to leave', async () => {
    const stage = await running(1);
    stage.drainTimeoutMs = 60_000;
    stage.at(0).isHalted = true;
    const stopped = stage.supervisor.stop();
    await stage.pass(12_000);
    await stopped;
    expect(stage.processes).toHaveLength(1);
    expect(stage.ledger.silentDeaths).toBe(0);
  });
});

describe('a restart', () => {
  it('has each leave when another listens in its place, one after the other', async () => {
    const stage = await running(2);
    const restarted = stage.supervisor.restart();
    expect(stage.processes).toHaveLength(3);
    expect(stage.at(0).heard).toEqual([]);
    stage.at(2).listen();
    await stage.pass();
    expect(stage.at(0).heard).toEqual(['retire']);
    expect(stage.processes).toHaveLength(3);
    stage.at(0).end('with code 0');
    await stage.pass();
    expect(stage.processes).toHaveLength(4);
    stage.at(3).listen();
    await stage.pass();
    stage.at(1).end('with code 0');
    expect(await restarted).toBe(true);
    expect(stage.processes).toHaveLength(4);
    expect(stage.said.at(-1)).toBe('etagere: the workers have been restarted');
  });

  it('gives each the place of the one whose it takes', async () => {
    const stage = await running(2);
    stage.at(1).end('by SIGKILL');
    await stage.pass(1_000);
    stage.at(2).listen();
    await stage.pass();
    void stage.supervisor.restart();
    for (const process of stage.processes) process.say({ kind: 'begin-me' });
    expect(stage.places).toEqual([1, 2, 2, 1]);
  });

  it('leaves the old ones as they are where a new one can not begin', async () => {
    const stage = await running(2);
    const restarted = stage.supervisor.restart();
    stage.at(2).say({ kind: 'failed', complaint: 'a mistake', exitCode: 2 });
    stage.at(2).end('with code 2');
    expect(await restarted).toBe(false);
    expect(stage.at(0).heard).toEqual([]);
    expect(stage.processes).toHaveLength(3);
    expect(stage.said.slice(1)).toEqual([
      'etagere: a mistake',
      'etagere: the workers that have not been restarted go on as they are',
    ]);
  });

  it('begins once more where another is asked for meanwhile, as the settings may have changed since, and ends the first', async () => {
    const stage = await running(2);
    const restarted = stage.supervisor.restart();
    const again = stage.supervisor.restart();
    const onceMore = stage.supervisor.restart();
    await stage.pass();
    expect(stage.processes).toHaveLength(3);
    for (const [next, old] of [
      [2, 0],
      [3, 1],
      [4, 2],
    ] as const) {
      stage.at(next).listen();
      await stage.pass();
      stage.at(old).end('with code 0');
      await stage.pass();
    }
    expect(await Promise.all([restarted, again, onceMore])).toEqual([true, true, true]);
    expect(stage.processes).toHaveLength(5);
    expect(stage.said.slice(1)).toEqual([
      'etagere: restarting the workers, one after another',
      'etagere: the workers have been restarted',
    ]);
  });

  it('begins once more after one that failed, where another was asked for meanwhile', async () => {
    const stage = await running(1);
    const restarted = stage.supervisor.restart();
    const again = stage.supervisor.restart();
    stage.at(1).say({ kind: 'failed', complaint: 'a mistake', exitCode: 2 });
    stage.at(1).end('with code 2');
    await stage.pass();
    stage.at(2).listen();
    await stage.pass();
    stage.at(0).end('with code 0');
    expect(await Promise.all([restarted, again])).toEqual([false, true]);
    expect(stage.said.at(-1)).toBe('etagere: the workers have been restarted');
  });

  it('tells whoever has asked for it once more what has become of that, and not of the first', async () => {
    const stage = await running(1);
    const restarted = stage.supervisor.restart();
    const again = stage.supervisor.restart();
    stage.at(1).listen();
    await stage.pass();
    stage.at(0).end('with code 0');
    await stage.pass();
    stage.at(2).say({ kind: 'failed', complaint: 'a mistake', exitCode: 2 });
    stage.at(2).end('with code 2');
    expect(await Promise.all([restarted, again])).toEqual([true, false]);
  });

  it('leaves as many as there are to be where one was beginning anyway, and is slower', async () => {
    const stage = await running(1);
    await stage.pass(10_000);
    stage.at(0).end('by SIGKILL');
    await stage.pass();
    const restarted = stage.supervisor.restart();
    stage.at(2).listen();
    await stage.pass();
    expect(stage.at(1).heard).toEqual(['retire']);
    stage.at(1).end('with code 0');
    await restarted;
    await stage.pass(60_000);
    expect(stage.processes).toHaveLength(3);
  });

  it('leaves as many as there are to be where one dies meanwhile', async () => {
    const stage = await running(1);
    await stage.pass(10_000);
    const restarted = stage.supervisor.restart();
    stage.at(0).end('by SIGKILL');
    await stage.pass();
    expect(stage.processes).toHaveLength(3);
    stage.at(2).listen();
    stage.at(1).listen();
    await stage.pass();
    expect(stage.at(1).heard).toEqual(['retire']);
    expect(stage.at(2).heard).toEqual([]);
    stage.at(1).end('with code 0');
    await restarted;
  });

  it('gives one time to leave by what the settings say by then', async () => {
    const stage = await running(1);
    const stopped = stage.supervisor.restart();
    stage.drainTimeoutMs = 60_000;
    stage.at(1).listen();
    await stage.pass(120_000);
    expect(stage.at(0).isKilled).toBe(false);
    stage.at(0).end('with code 0');
    await stopped;
  });

  it('begins none any more where all are to stop meanwhile', async () => {
    const stage = await running(2);
    const restarted = stage.supervisor.restart();
    stage.at(2).listen();
    await stage.pass();
    const stopped = stage.supervisor.stop();
    for (const process of stage.processes) process.end('with code 0');
    await stopped;
    await restarted;
    expect(stage.processes).toHaveLength(3);
  });

  it('kills one that does not leave in time', async () => {
    const stage = await running(1);
    const restarted = stage.supervisor.restart();
    stage.at(1).listen();
    await stage.pass(6_999);
    expect(stage.at(0).isKilled).toBe(false);
    await stage.pass(1);
    expect(stage.at(0).isKilled).toBe(true);
    await restarted;
  });
});

describe('a reload', () => {
  it('is taken by a worker that was beginning, too', async () => {
    const stage = await running(1);
    stage.at(0).say({ kind: 'takes', of: 'reload' });
    const restarted = stage.supervisor.restart();
    const taken = stage.hub.take({} as Beginning['settings'], [], true);
    stage.at(1).say({ kind: 'takes', of: 'reload' });
    expect(stage.at(0).heard).toEqual(['taken', 'question']);
    expect(stage.at(1).heard).toEqual(['taken', 'question']);
    stage.at(0).say({ kind: 'answer', asking: 1, answer: { kind: 'reloaded', changed: [], warnings: [] } });
    expect((await taken).kind).toBe('reloaded');
    stage.at(1).listen();
    await stage.pass();
    stage.at(0).end('with code 0');
    await restarted;
  });

  it('is not told again to a worker that began after it', async () => {
    const stage = await running(1);
    const taken = stage.hub.take({} as Beginning['settings'], [], true);
    expect((await taken).kind).toBe('refused');
    void stage.supervisor.restart();
    stage.at(1).say({ kind: 'takes', of: 'reload' });
    expect(stage.at(1).heard).toEqual(['taken']);
  });

  it('is what a worker says that is not leaving', async () => {
    const stage = await running(2);
    for (const process of stage.processes) process.say({ kind: 'takes', of: 'reload' });
    const taken = stage.hub.take({} as Beginning['settings'], [], true);
    stage.at(0).say({ kind: 'answer', asking: 1, answer: { kind: 'refused', problem: 'being closed' } });
    stage.at(1).say({ kind: 'answer', asking: 1, answer: { kind: 'reloaded', changed: ['routes'], warnings: [] } });
    expect(await taken).toEqual({ kind: 'reloaded', changed: ['routes'], warnings: [] });
  });

  it('is one report, of what one has made of it', async () => {
    const stage = await running(2);
    for (const process of stage.processes) process.say({ kind: 'takes', of: 'reload' });
    const taken = stage.hub.take({} as Beginning['settings'], [], true);
    await stage.pass();
    for (const process of stage.processes) {
      process.say({ kind: 'answer', asking: 1, answer: { kind: 'reloaded', changed: ['routes'], warnings: ['w'] } });
    }
    expect(await taken).toEqual({ kind: 'reloaded', changed: ['routes'], warnings: ['w'] });
  });

  it('names those that have not taken it in time', async () => {
    const stage = await running(2);
    for (const process of stage.processes) process.say({ kind: 'takes', of: 'reload' });
    const taken = stage.hub.take({} as Beginning['settings'], [], true);
    stage.at(1).say({ kind: 'answer', asking: 1, answer: { kind: 'reloaded', changed: [], warnings: [] } });
    await stage.pass(5_000);
    expect(await taken).toEqual({
      kind: 'reloaded',
      changed: [],
      warnings: ['worker 1 has not said that it has taken the configuration'],
    });
  });
});
