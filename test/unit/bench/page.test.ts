import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { barChart } from '../../bench/chart.ts';
import { peerContestant } from '../../bench/contestants.ts';
import { type Measurement, performancePage } from '../../bench/page.ts';
import { peers } from '../../bench/peers.ts';

const measurement: Measurement = {
  date: '2026-01-15',
  command: 'npm run bench -- --rounds 7',
  machine: { processor: 'Some CPU', cores: 2, memoryGib: 8, kernel: 'Linux 6.1', node: '24.1.0' },
  cores: 'the server on core 0, load generator and origin on core 1',
  rounds: 7,
  seconds: 4,
  contestants: [{ name: 'etagere', version: '1.2', configuration: '`--log off`' }],
  sections: [{ name: 'hit', title: 'A hit', text: '| a table |', troubles: 0 }],
};

describe('the page', () => {
  const page = performancePage(measurement);

  it('says when, where and how it was measured', () => {
    expect(page).toContain(
      'Measured on 2026-01-15 by\n\n    npm run bench -- --rounds 7\n\non Some CPU, 2 cores, 8 GiB, Linux 6.1, Node 24.1.0',
    );
    expect(page).toContain('median of 7 rounds of 4 s');
    expect(page).toContain('| etagere | 1.2 | `--log off` |');
  });

  it('has the chart and every section', () => {
    expect(page).toContain('(performance.svg)');
    expect(page).toContain('## A hit\n\n| a table |\n');
  });

  it.each(peers)('links to the configuration of $name', (peer) => {
    const [, target = ''] = /\]\(\.\.\/(.+)\)/.exec(peerContestant(peer).configuration) ?? [];
    expect(existsSync(new URL(`../../../${target}`, import.meta.url)), target).toBe(true);
  });
});

describe('the chart', () => {
  const chart = barChart('CPU & time', [
    { name: 'etagere', value: 10, own: true },
    { name: 'a <server>', value: 40, own: false },
  ]);

  it('has a bar for each server, as long as its value', () => {
    const widths = [...chart.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));
    expect(widths).toHaveLength(2);
    expect((widths[0] ?? 0) * 4).toBeCloseTo(widths[1] ?? 0, 5);
    expect(chart).toContain('>10.0</text>');
  });

  it('is well-formed whatever the names are', () => {
    expect(chart).toContain('>a &lt;server></text>');
    expect(chart).toContain('aria-label="CPU &amp; time"');
  });
});
