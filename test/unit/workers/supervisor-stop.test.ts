import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Stage, running } from './stage.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a stop', () => {
  it('ends at once where all are to stop one that does not listen yet: it would not hear of it', async () => {
    const stage = await running(1);
    await stage.pass(10_000);
    stage.at(0).end('by SIGKILL');
    await stage.pass();
    const stopped = stage.supervisor.stop();
    expect(stage.at(1).isKilled).toBe(true);
    await stopped;
  });

  it('asks one that listens, however far it has come', async () => {
    const stage = new Stage(1);
    void stage.supervisor.start();
    stage.at(0).say({ kind: 'begin-me' });
    void stage.supervisor.stop();
    expect([stage.at(0).isKilled, stage.at(0).heard]).toEqual([false, ['begin', 'stop']]);
  });
});
