import { describe, expect, it } from 'vitest';
import type { Contestant, Setting } from '../../bench/contestants.ts';
import type { Sample } from '../../bench/load.ts';
import { ratiosOf, type Row } from '../../bench/rounds.ts';
import { around, loadTable } from '../../bench/tables.ts';

function sample(cpuUs: number): Sample {
  return { cpuUs, perSecond: 50_000, p50Us: 1_000, p99Us: 10 * cpuUs, peakBytes: 2 ** 26, busy: 0.5 };
}

function cpu({ cpuUs }: Sample): number {
  return cpuUs;
}

function startsNowhere(): Promise<never> {
  return Promise.reject(new Error('not here'));
}

function row(name: string, cpuUs: readonly number[], setting: Setting = 'plain'): Row {
  const contestant: Contestant = {
    name,
    own: name === 'etagere',
    version: '1',
    configuration: '',
    settings: [],
    start: startsNowhere,
  };
  return { contestant, setting, samples: cpuUs.map(sample) };
}

describe('ratios', () => {
  const rows = [row('etagere', [10, 30]), row('nginx', [20, 20]), row('nginx', [40, 40], 'access log')];

  it('are those to nginx in the same round', () => {
    expect(ratiosOf(row('etagere', [10, 30]), rows, cpu)).toEqual([0.5, 1.5]);
  });

  it('are those to nginx with the same setting', () => {
    expect(ratiosOf(row('etagere', [10, 30], 'access log'), rows, cpu)).toEqual([0.25, 0.75]);
  });

  it('are those to plain nginx where Etagere counts for its metrics', () => {
    expect(ratiosOf(row('etagere', [10, 30], 'metrics'), rows, cpu)).toEqual([0.5, 1.5]);
  });

  it('there are none of nginx itself, and none where nginx was not measured', () => {
    const [, nginx = rows[0] as Row] = rows;
    expect(ratiosOf(nginx, rows, cpu)).toEqual([]);
    expect(ratiosOf(row('etagere', [10]), [], cpu)).toEqual([]);
    expect(ratiosOf(row('etagere', [10, 30]), [row('nginx', [])], cpu)).toEqual([]);
  });
});

describe('a table', () => {
  const rows: readonly Row[] = [
    row('etagere', [10, 30]),
    row('nginx', [20, 20]),
    { ...row('squid', []), trouble: '/hit: status 500, not 200' },
  ];

  it('has medians, spreads, ratios and the goals of Etagere', () => {
    expect(loadTable({ goals: { plain: 0.7 } }, rows)).toBe(
      [
        '| server | CPU µs/request | of nginx | goal | requests/s | p50 ms | p99 ms | peak MiB | core busy |',
        '|---|---|---|---|---|---|---|---|---|',
        '| etagere | 20.0 (10.0–30.0) | 1.00 (0.50–1.50) | ≤ 0.70 | 50000 (50000–50000) | 1.00 (1.00–1.00) | 0.20 (0.10–0.30) | 64 (64–64) | 50 % |',
        '| nginx | 20.0 (20.0–20.0) |  |  | 50000 (50000–50000) | 1.00 (1.00–1.00) | 0.20 (0.20–0.20) | 64 (64–64) | 50 % |',
        '| squid | /hit: status 500, not 200 |',
      ].join('\n'),
    );
  });

  it('has one line for a server, whatever was wrong with it', () => {
    const table = loadTable({ goals: {} }, [{ ...row('squid', []), trouble: 'no | here:\nnone' }]);
    expect(table.split('\n').slice(2)).toEqual(['| squid | no \\| here: none |']);
  });

  it('counts other things than requests where that says more', () => {
    const table = loadTable({ goals: {}, unit: { name: 'MiB', perRequest: 10 } }, [row('etagere', [10])]);
    expect(table).toContain('CPU µs/MiB');
    expect(table).toContain('| etagere | 1.0 |  |  | 500000 |');
  });

  it('compares latencies where they are the claim', () => {
    const table = loadTable({ goals: { plain: 1 }, against: 'p99' }, [row('etagere', [10]), row('nginx', [40])]);
    expect(table).toContain('p99 of nginx');
    expect(table).toContain('| etagere | 10.0 | 0.25 | ≤ 1.00 |');
  });
});

it('one figure has no spread', () => {
  expect(around([1.234], 1)).toBe('1.2');
});
