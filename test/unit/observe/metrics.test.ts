import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/engine/limits.ts';
import { Metrics } from '../../../src/observe/metrics.ts';
import type { LowerStats } from '../../../src/store/lower-stats.ts';
import type { Traffic } from '../../../src/observe/traffic.ts';
import { type Family, parseExposition } from './prometheus-text.ts';
import { exchange, traffic } from './records.ts';

const open: Metrics[] = [];

afterEach(() => {
  for (const metrics of open.splice(0)) metrics.close();
});

/** What Prometheus reads of it. */
async function scraped(statistics: Traffic): Promise<Map<string, Family>> {
  return parseExposition(await text(statistics));
}

function text(statistics: Traffic): Promise<string> {
  return metricsOf(statistics).text();
}

function metricsOf(statistics: Traffic): Metrics {
  const metrics = new Metrics(statistics, { version: '1.2.3', nodeVersion: 'v20.0.0', limits: defaultLimits });
  open.push(metrics);
  return metrics;
}

/** The values of a metric, by its labels written one behind the other; without those that are 0. */
function values(families: Map<string, Family>, name: string): Record<string, number> {
  const series = families.get(name)?.series ?? [];
  return Object.fromEntries(
    series.filter(({ value }) => value !== 0).map(({ labels, value }) => [Object.values(labels).join(' '), value]),
  );
}

const miss = { hit: false, fwd: 'uri-miss', detail: 'set-cookie' } as const;

const lower: LowerStats = {
  kind: 'disk',
  responses: 3,
  bytesUsed: 30,
  bytesLimit: 300,
  evictions: 4,
  failures: 5,
  damaged: 6,
  isUp: true,
};

describe('the metrics', () => {
  it('tell requests by outcome and reason, collapsed ones apart from hits', async () => {
    const statistics = traffic();
    statistics.exchangeEnded(exchange());
    statistics.exchangeEnded(exchange());
    statistics.exchangeEnded(exchange({ cacheStatus: miss, route: 'api' }));
    statistics.exchangeEnded(exchange({ cacheStatus: { hit: false, fwd: 'uri-miss', collapsed: true } }));
    const families = await scraped(statistics);
    expect(values(families, 'etagere_requests_total')).toEqual({
      'default hit': 2,
      'default collapsed uri-miss': 1,
      'api passed uri-miss set-cookie': 1,
    });
    expect(values(families, 'etagere_sent_content_bytes_total')).toEqual({
      'default hit': 200,
      'default collapsed': 100,
      'api passed': 100,
    });
  });

  it('tell responses by the class of their status, and how long they took', async () => {
    const statistics = traffic();
    statistics.exchangeEnded(exchange({ status: 204, durationMs: 0.5 }));
    statistics.exchangeEnded(exchange({ status: 0, end: 'client-left', durationMs: 40_000 }));
    const families = await scraped(statistics);
    expect(values(families, 'etagere_responses_total')).toEqual({ 'default 2xx': 1, 'default none': 1 });
    const buckets = values(families, 'etagere_request_duration_seconds');
    expect(buckets).toMatchObject({ 'default 0.001': 1, 'default 30': 1, 'default +Inf': 2 });
    const [sum, count] = (families.get('etagere_request_duration_seconds')?.series ?? []).slice(15, 17);
    expect([sum?.value, count?.value]).toEqual([40.0005, 2]);
  });

  it('count a time that is a bound in the bucket of that bound', async () => {
    const statistics = traffic();
    statistics.exchangeEnded(exchange({ durationMs: 2.5 }));
    const buckets = values(await scraped(statistics), 'etagere_request_duration_seconds');
    expect(Object.keys(buckets)[0]).toBe('default 0.0025');
  });

  it('tell how long origins take to answer, or to fail', async () => {
    const statistics = traffic();
    statistics.originAnswered({ route: 'default', status: 200, headMs: 20 });
    statistics.originAnswered({ status: 0, error: 'ORIGIN_REFUSED', headMs: 3, route: 'api' });
    const families = await scraped(statistics);
    expect(values(families, 'etagere_origin_responses_total')).toEqual({ 'default 2xx': 1, 'api none': 1 });
    expect(values(families, 'etagere_origin_head_duration_seconds')).toMatchObject({
      'default 0.025': 1,
      'api 0.005': 1,
    });
  });

  it('have every error of ours and of the origin from 0 on, so that an alarm sees the first', async () => {
    const statistics = traffic();
    statistics.exchangeEnded(exchange({ status: 502, error: 'ORIGIN_REFUSED' }));
    const families = await scraped(statistics);
    expect(values(families, 'etagere_errors_total')).toEqual({ 'default ORIGIN_REFUSED': 1 });
    const codes = families.get('etagere_errors_total')?.series.map(({ labels }) => labels['code']);
    expect(codes).toEqual(expect.arrayContaining(['ORIGIN_HEAD_TIMEOUT', 'INTERNAL']));
    expect(codes).not.toContain('REQUEST_TIMEOUT');
  });

  it('count the requests that have waited for another instance', async () => {
    const statistics = traffic();
    for (const elsewhereMs of [250, 0]) statistics.exchangeEnded(exchange({ elsewhereMs }));
    statistics.exchangeEnded(exchange());
    expect(values(await scraped(statistics), 'etagere_elsewhere_waits_total')).toEqual({ default: 2 });
  });

  it('count what became of content that a shelf could not give to its end, from 0 on', async () => {
    const statistics = traffic();
    for (const rest of ['from-origin', 'changed', 'from-origin'] as const) {
      statistics.exchangeEnded(exchange({ rest, error: 'STORE_UNREADABLE' }));
    }
    statistics.exchangeEnded(exchange());
    const families = await scraped(statistics);
    expect(values(families, 'etagere_interrupted_reads_total')).toEqual({
      'default changed': 1,
      'default from-origin': 2,
    });
    expect(families.get('etagere_interrupted_reads_total')?.series.map(({ labels }) => labels['rest'])).toContain(
      'not-resumable',
    );
  });

  it('tell refused requests and failed validations apart', async () => {
    const statistics = traffic();
    statistics.requestRefused({ client: { address: '::1' }, error: 'REQUEST_MALFORMED', reason: 'x', status: 400 });
    statistics.validationFailed({ route: 'default', request: exchange().request, status: 503 });
    const families = await scraped(statistics);
    expect(values(families, 'etagere_refused_requests_total')).toEqual({ REQUEST_MALFORMED: 1 });
    expect(values(families, 'etagere_background_validation_failures_total')).toEqual({ default: 1 });
  });

  it('tell what the shelf and the origins hold, and the limits for it', async () => {
    const families = await scraped(traffic());
    expect(values(families, 'etagere_shelf_used_bytes')).toEqual({ '': 700 });
    expect(values(families, 'etagere_shelf_limit_bytes')).toEqual({ '': 1_000 });
    expect(values(families, 'etagere_shelf_evictions_total')).toEqual({ room: 1, variants: 1, unproven: 1 });
    expect(values(families, 'etagere_origin_active_requests')).toEqual({ default: 5 });
    expect(values(families, 'etagere_origin_queued_requests')).toEqual({ default: 6 });
    expect(values(families, 'etagere_client_connections')).toEqual({ '': 7 });
    expect(values(families, 'etagere_overload_level')).toEqual({ '': 1 });
    expect(values(families, 'etagere_certificate_expiry_timestamp_seconds')).toEqual({
      '/etc/tls/shop.pem': Date.UTC(2030, 0, 1) / 1_000,
    });
    expect(values(families, 'etagere_limit')).toMatchObject({ originQueue: defaultLimits.originQueue });
    expect(values(families, 'etagere_build_info')).toEqual({ '1.2.3 v20.0.0': 1 });
  });

  it('tell nothing of a shelf beneath memory where there is none', async () => {
    const families = await scraped(traffic());
    expect([...families.keys()].filter((name) => name.startsWith('etagere_store_'))).toEqual([]);
  });

  it('tell what is on a shelf beneath memory, and from where hits came', async () => {
    const statistics = traffic(undefined, undefined, lower);
    for (const tier of ['disk', undefined, undefined] as const)
      statistics.exchangeEnded(exchange(tier === undefined ? {} : { tier }));
    const families = await scraped(statistics);
    expect(values(families, 'etagere_store_hits_total')).toEqual({ memory: 2, disk: 1 });
    for (const [name, value] of [
      ['up', 1],
      ['responses', 3],
      ['used_bytes', 30],
      ['limit_bytes', 300],
      ['evictions_total', 4],
      ['failures_total', 5],
      ['damaged_total', 6],
    ] as const)
      expect(values(families, `etagere_store_${name}`)).toEqual({ disk: value });
    expect(statistics.snapshot().store).toEqual({ ...lower, hits: 1 });
  });

  it('tell which servers are up and how often each went down, but for those whose health nobody looks at', async () => {
    const families = await scraped(traffic());
    const told = (name: string): unknown =>
      families.get(name)?.series.map(({ labels, value }) => [labels['origin'], labels['server'], value]);
    expect(told('etagere_origin_server_up')).toEqual([
      ['default', 'http://10.0.0.6:4000', 1],
      ['default', 'http://10.0.0.7:4000', 0],
    ]);
    expect(told('etagere_origin_server_downs_total')).toEqual([
      ['default', 'http://10.0.0.6:4000', 0],
      ['default', 'http://10.0.0.7:4000', 2],
    ]);
  });

  it('have every count also for whoever must not make figures begin anew, as a sum must not fall when a worker ends', async () => {
    const metrics = metricsOf(traffic(undefined, undefined, lower));
    const counts = (await metrics.read()).filter(({ type }) => type !== 'gauge').map(({ name }) => name);
    expect(metrics.counted().map(({ name }) => name)).toEqual(expect.arrayContaining(counts));
  });

  it('tell what the process takes', async () => {
    const families = await scraped(traffic());
    for (const name of [
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'nodejs_heap_size_used_bytes',
      'nodejs_eventloop_active_seconds_total',
    ]) {
      expect(families.get(name)?.series[0]?.value, name).toBeGreaterThan(0);
    }
    const startedAt = families.get('process_start_time_seconds')?.series[0]?.value ?? 0;
    expect(startedAt).toBeLessThan(Date.now() / 1000);
    expect(startedAt + performance.now() / 1000).toBeCloseTo(Date.now() / 1000, 0);
    expect(families.get('nodejs_eventloop_lag_p99_seconds')?.series[0]?.value).toBeGreaterThanOrEqual(0);
  });

  it('are no more series whatever clients send', async () => {
    const statistics = traffic();
    for (let n = 0; n < 10_000; n++) {
      const record = exchange({ status: 100 + (n % 900), client: { address: `192.0.2.${n}` } });
      const request = { ...record.request, method: `M${n}`, target: `/${n}?${n}`, authority: `h${n}.example` };
      statistics.exchangeEnded({ ...record, request, cacheStatus: miss });
    }
    const families = await scraped(statistics);
    const series = [...families.values()].reduce((sum, family) => sum + family.series.length, 0);
    expect(values(families, 'etagere_requests_total')).toEqual({ 'default passed uri-miss set-cookie': 10_000 });
    expect(series).toBeLessThan(300);
  });

  it('are a bounded number even if reasons were made up', async () => {
    const statistics = traffic();
    for (let n = 0; n < 10_000; n++) {
      statistics.exchangeEnded(exchange({ cacheStatus: { hit: n % 2 === 0, detail: `detail-${n}` } }));
    }
    const families = await scraped(statistics);
    const requests = families.get('etagere_requests_total')?.series ?? [];
    expect(requests.length).toBeLessThan(520);
    expect(requests.reduce((sum, { value }) => sum + value, 0)).toBe(10_000);
  });

  it('have nothing that promtool would do otherwise', async (context) => {
    if (spawnSync('promtool', ['--version']).error !== undefined) {
      context.skip('promtool is not installed: it comes with the package prometheus of Debian');
    }
    const statistics = traffic();
    statistics.exchangeEnded(exchange({ cacheStatus: miss }));
    const { stdout, stderr, status } = spawnSync('promtool', ['check', 'metrics'], {
      input: await text(statistics),
      encoding: 'utf8',
    });
    expect([stdout + stderr, status]).toEqual(['', 0]);
  });
});
