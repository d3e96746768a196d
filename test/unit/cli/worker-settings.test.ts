import { describe, expect, it } from 'vitest';
import { SharedShelf } from '../../../src/cli/shared-shelf.ts';
import { WorkerSettings } from '../../../src/cli/worker-settings.ts';
import { resolveSettings } from '../../../src/config/resolve.ts';
import type { Settings } from '../../../src/config/settings.ts';
import type { Hub } from '../../../src/workers/hub.ts';
import { TestTerminal } from './test-terminal.ts';

const withDrain = (drainTimeoutMs: number, origin = 'http://127.0.0.1:9'): Settings =>
  resolveSettings({ origin, store: 'disk:/shelf', workers: 2, limits: { drainTimeoutMs } });

/** Settings of workers whose file says what the test says next. */
function made(): {
  readonly settings: WorkerSettings;
  readonly say: (drainTimeoutMs: number, origin?: string) => void;
} {
  let next = withDrain(1_000);
  const load = (): { settings: Settings; warnings: string[] } => ({ settings: next, warnings: [] });
  const settings = new WorkerSettings(next, load, new SharedShelf(), new TestTerminal());
  const say = (drainTimeoutMs: number, origin?: string): void => {
    next = withDrain(drainTimeoutMs, origin);
  };
  return { settings, say };
}

describe('the settings that workers begin with', () => {
  it('leave out what all workers have together, which is told', () => {
    const terminal = new TestTerminal();
    const [origin, workers] = ['http://127.0.0.1:9', 2];
    const started = resolveSettings({ origin, workers, store: 'disk:/shelf', disk: '1gb' });
    const next = resolveSettings({ origin, workers: 3, store: 'disk:/shelf', disk: '2gb', memory: '1gb', listen: '1' });
    const load = (): { settings: Settings; warnings: string[] } => ({ settings: next, warnings: [] });
    const settings = new WorkerSettings(started, load, new SharedShelf(), terminal);
    settings.readForRestart();
    expect(settings.inForce.limits).toMatchObject({ diskBytes: 2 ** 30, memoryBytes: 2 ** 30 });
    expect(terminal.said).toEqual(
      ['listen', 'workers', 'disk'].map(
        (name) => `etagere: ${name} takes effect with the next start of Etagere, not of its workers`,
      ),
    );
  });

  it('are those before a restart again where none could begin by the new ones', () => {
    const { settings, say } = made();
    const before = settings.inForce;
    say(2_000);
    const settle = settings.readForRestart();
    expect(settings.inForce.limits.drainTimeoutMs).toBe(2_000);
    settle?.(false);
    expect(settings.inForce).toBe(before);
  });

  it('are those that were read last where that was after the restart which failed', () => {
    const { settings, say } = made();
    say(2_000);
    const settle = settings.readForRestart();
    say(3_000);
    settings.readForRestart();
    settle?.(false);
    expect(settings.inForce.limits.drainTimeoutMs).toBe(3_000);
  });

  it('are those before the first restart again where none could begin by what was read for the next either', () => {
    const { settings, say } = made();
    const before = settings.inForce;
    const settles = [2_000, 3_000, 4_000].map((drainTimeoutMs) => {
      say(drainTimeoutMs);
      return settings.readForRestart();
    });
    for (const settle of settles) settle?.(false);
    expect(settings.inForce).toBe(before);
  });

  it('are those of the first restart again where one could begin by these, and none by what was read meanwhile', () => {
    const { settings, say } = made();
    say(2_000);
    const settle = settings.readForRestart();
    const first = settings.inForce;
    say(3_000);
    const settleNext = settings.readForRestart();
    settle?.(true);
    settleNext?.(false);
    expect(settings.inForce).toBe(first);
  });

  it('have what all workers have taken during a restart that failed, and nothing else of it', async () => {
    const { settings, say } = made();
    const hub: Pick<Hub, 'take'> = { take: async () => ({ kind: 'reloaded', changed: [], warnings: [] }) };
    say(2_000);
    const settle = settings.readForRestart();
    say(3_000, 'http://127.0.0.1:10');
    await settings.reload(hub, false);
    settle?.(false);
    expect(settings.inForce.limits.drainTimeoutMs).toBe(1_000);
    expect(settings.inForce.origins[0]?.servers).toMatchObject([{ url: 'http://127.0.0.1:10' }]);
  });

  it('are those that were read for a restart also where workers were taking what was read before', async () => {
    const { settings, say } = made();
    const hub: Pick<Hub, 'take'> = {
      take: async () => {
        say(2_000, 'http://127.0.0.1:11');
        settings.readForRestart();
        return { kind: 'reloaded', changed: [], warnings: [] };
      },
    };
    say(1_000, 'http://127.0.0.1:10');
    await settings.reload(hub, false);
    expect(settings.inForce.origins[0]?.servers).toMatchObject([{ url: 'http://127.0.0.1:11' }]);
  });
});
