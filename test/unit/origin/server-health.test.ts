import { describe, expect, it } from 'vitest';
import { ServerHealth } from '../../../src/origin/server-health.ts';

const ejection = { failures: 3, withinMs: 1_000, forMs: 5_000 };
const thresholds = { healthyAfter: 2, unhealthyAfter: 3 };

describe('a server', () => {
  it('is left out for a while after so many failures within the time, and asked again then', () => {
    const health = new ServerHealth(ejection, undefined);
    for (const at of [0, 100, 200]) {
      expect(health.isUp(at)).toBe(true);
      health.failed(at);
    }
    expect([201, 5_199, 5_200].map((at) => health.isUp(at))).toEqual([false, false, true]);
  });

  it('is not left out for failures with longer between them', () => {
    const health = new ServerHealth(ejection, undefined);
    for (const at of [0, 100, 1_100, 2_000]) health.failed(at);
    expect(health.isUp(2_001)).toBe(true);
  });

  it('is ill after so many bad checks in a row, and well after so many good ones', () => {
    const health = new ServerHealth(undefined, thresholds);
    const after = (isGood: boolean): boolean => {
      health.checked(isGood);
      return health.isUp(0);
    };
    expect([false, false, true, false, false, false].map(after)).toEqual([true, true, true, true, true, false]);
    expect([true, false, true, true].map(after)).toEqual([false, false, false, true]);
  });

  it('about which nothing was configured is always asked', () => {
    const health = new ServerHealth(undefined, undefined);
    for (let i = 0; i < 100; i++) {
      health.failed(i);
      health.checked(false);
    }
    expect(health.isUp(100)).toBe(true);
  });
});
