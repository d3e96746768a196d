import { describe, expect, it } from 'vitest';
import { formerRoutes, keptFormerRoutes } from '../../../src/observe/counted-routes.ts';
import { trafficMetrics } from '../../../src/observe/traffic-metrics.ts';
import { exchange, traffic } from './records.ts';

/** Statistics after a request of each of these routes, of which only the first is in force by then. */
function after(count: number) {
  const routes = ['now'];
  const statistics = traffic({ ms: 0 }, routes);
  for (let index = 0; index < count; index++) {
    const [route, durationMs] = [`gone-${index}`, 250];
    statistics.exchangeEnded(
      exchange({ route, durationMs, cacheStatus: { hit: false, fwd: 'uri-miss', stored: true } }),
    );
    statistics.exchangeEnded(
      exchange({ route, durationMs, status: 502, error: 'ORIGIN_BROKEN', cacheStatus: { hit: false } }),
    );
    statistics.exchangeEnded(exchange({ route, durationMs }));
    statistics.originAnswered({ route, status: 200, headMs: 500 });
    statistics.validationFailed({ route, request: exchange().request, status: 0 });
  }
  return statistics;
}

/** All samples of each metric, added up. */
function sums(statistics: ReturnType<typeof traffic>): Record<string, number> {
  return Object.fromEntries(
    trafficMetrics(statistics).map(({ name, samples }) => [name, samples.reduce((sum, { value }) => sum + value, 0)]),
  );
}

describe('the routes that are counted', () => {
  it('are those in force, and so many that are not; the oldest of others become one', () => {
    const names = [...after(keptFormerRoutes + 5).routes.keys()];
    expect(names).toHaveLength(1 + keptFormerRoutes + 1 + 1);
    expect(names).toEqual(expect.arrayContaining(['now', formerRoutes, `gone-${keptFormerRoutes + 4}`]));
    expect(names).not.toContain('gone-0');
  });

  it('lose nothing of what was counted when they become one', () => {
    const many = keptFormerRoutes * 2;
    const statistics = after(many);
    const one = sums(after(1));
    expect(sums(statistics)).toEqual(Object.fromEntries(Object.entries(one).map(([name, sum]) => [name, sum * many])));
    expect(statistics.snapshot()).toMatchObject({ requests: 3 * many, hits: many, errors: many });
  });
});
