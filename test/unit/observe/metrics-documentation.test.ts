import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/engine/limits.ts';
import type { Metric } from '../../../src/observe/exposition.ts';
import { Metrics } from '../../../src/observe/metrics.ts';
import { outcomes } from '../../../src/observe/outcome.ts';
import { workerMetrics } from '../../../src/observe/worker-metrics.ts';
import { exchange, traffic } from './records.ts';

const page = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');

const statistics = traffic(undefined, undefined, {
  kind: 'disk',
  responses: 1,
  bytesUsed: 1,
  bytesLimit: 1,
  evictions: 0,
  failures: 0,
  damaged: 0,
  isUp: true,
});
const source = new Metrics(statistics, { version: '1.2.3', nodeVersion: 'v20.0.0', limits: defaultLimits });
let metrics: readonly Metric[] = [];

beforeAll(async () => {
  const cacheStatus = { hit: false, fwd: 'uri-miss', detail: 'set-cookie' } as const;
  statistics.exchangeEnded(exchange({ cacheStatus }));
  const ofWorkers = workerMetrics({ answered: 2, silent: 0, deaths: 0, silentDeaths: 0, lostLogLines: 0 });
  metrics = [...(await source.read()), ...ofWorkers];
});

afterAll(() => source.close());

/** The cells of the rows of all tables with that first head. */
function rowsOf(head: string): string[][] {
  const tables = page.split(`\n| ${head} |`).slice(1);
  return tables.flatMap((table) =>
    (table.split('\n\n')[0] ?? '')
      .split('\n')
      .slice(2)
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ),
  );
}

/** The labels that any sample has, in their order. */
function labelsOf({ samples }: Metric): string[] {
  return [...new Set(samples.flatMap(({ labels = {} }) => Object.keys(labels)))];
}

/** The names of metrics in an expression, as the documentation has them: without the suffix of a histogram. */
function namesIn(expression: string): string[] {
  const names = expression.match(/\b(?:etagere|process|nodejs)_[a-z0-9_]+/g) ?? [];
  return names.map((name) => name.replace(/_bucket$/, ''));
}

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly expr: string }[];
}

const dashboard = JSON.parse(
  readFileSync(new URL('../../../docs/grafana-dashboard.json', import.meta.url), 'utf8'),
) as { readonly panels: readonly Panel[] };

const dashboardQueries = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
const pageQueries = [...page.matchAll(/```promql\n([^`]+)```/g)].map(([, query = '']) => query.trim());
const alerts = /```yaml\n(groups:[^`]+)```/.exec(page)?.[1] ?? '';

describe('docs/metrics.md', () => {
  it('has every metric with its type and labels, and no other', () => {
    const documented = rowsOf('metric').map(([name = '', type = '', labels = '']) => [
      name.replaceAll('`', ''),
      { type, labels: labels.match(/[a-z]+/g) ?? [] },
    ]);
    const expected = metrics.map((metric) => [metric.name, { type: metric.type, labels: labelsOf(metric) }]);
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(expected));
  });

  it('says of each what it means', () => {
    for (const [name, , , meaning] of rowsOf('metric')) expect(meaning, name).toMatch(/^[A-Z`0-9].+\.$/);
  });

  it('has every outcome', () => {
    expect(rowsOf('outcome').map(([name]) => name)).toEqual(Object.keys(outcomes).map((name) => `\`${name}\``));
  });

  it('asks for metrics that there are', () => {
    expect(pageQueries.length).toBeGreaterThan(4);
    const known = new Set(metrics.map(({ name }) => name));
    const asked = [...pageQueries, alerts].flatMap(namesIn);
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('docs/grafana-dashboard.json', () => {
  it('asks for metrics that there are, of the chosen instances', () => {
    const known = new Set(metrics.map(({ name }) => name));
    expect(dashboardQueries.flatMap(namesIn).filter((name) => !known.has(name))).toEqual([]);
    for (const query of dashboardQueries) {
      expect(query.match(/\{instance=~"\$instance"/g), query).toHaveLength(namesIn(query).length);
    }
  });

  it('shows all that the operator of a cache asks first', () => {
    const shown = new Set(dashboardQueries.flatMap(namesIn));
    const wanted = metrics
      .map(({ name }) => name)
      .filter((name) => /^etagere_(?!build_info|limit|responses)/.test(name));
    expect(wanted.filter((name) => !shown.has(name))).toEqual([]);
  });

  it('has panels that do not overlap, each with an id of its own', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...panels.map(({ gridPos }) => gridPos.x + gridPos.w))).toBe(24);
  });
});

describe('the queries of both', () => {
  it('are right in the eyes of promtool', (context) => {
    if (spawnSync('promtool', ['--version']).error !== undefined) {
      context.skip('promtool is not installed: it comes with the package prometheus of Debian');
    }
    const queries = [...pageQueries, ...dashboardQueries].map((query) => query.replaceAll('$__rate_interval', '5m'));
    const rules = queries.map((query, index) => `  - record: query:${index}\n    expr: ${JSON.stringify(query)}\n`);
    const folder = mkdtempSync(join(tmpdir(), 'etagere-rules-'));
    try {
      const files = ['alerts.yml', 'queries.yml'].map((name) => join(folder, name));
      writeFileSync(files[0] ?? '', alerts);
      writeFileSync(files[1] ?? '', `groups:\n- name: queries\n  rules:\n${rules.join('')}`);
      const { stdout, stderr, status } = spawnSync('promtool', ['check', 'rules', ...files], { encoding: 'utf8' });
      expect(status, stdout + stderr).toBe(0);
      expect(stdout).toContain(`${queries.length} rules found`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
