import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { barChart } from '../../bench/chart.ts';
import { peerContestant } from '../../bench/contestants.ts';
import { hasPlaceFor, withMarked } from '../../bench/marked-pages.ts';
import { type Measurement, updatedPage, wholeRun } from '../../bench/page.ts';
import { peers } from '../../bench/peers.ts';
import { sections } from '../../bench/sections.ts';

const measurement: Measurement = {
  date: '2026-01-15',
  command: 'npm run bench -- --rounds 7',
  commit: 'abc1234',
  machine: { processor: 'Some CPU', cores: 2, memoryGib: 8, kernel: 'Linux 6.1', node: '24.1.0' },
  cores: 'the server on core 0, load generator and origin on core 1',
  rounds: 7,
  seconds: 4,
  contestants: [{ name: 'etagere', version: '1.2', configuration: '`--log off`' }],
  sections: [{ name: 'hit', title: 'A hit', text: '| a table |', troubles: 0, loadBefore: 1.26 }],
};

function place(name: string, text: string): string {
  return `<!-- From npm run bench, ${name}: begin -->\n\n${text}\n\n<!-- From npm run bench, ${name}: end -->`;
}

const provenance =
  'Measured on 2026-01-15 by `npm run bench -- --rounds 7` at commit abc1234: 2 cores, Node 24.1.0, 7 rounds of 4 s where it goes in rounds; load average 1.3 when it began.';

function readPage(name: string): string {
  return readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');
}

describe('a page', () => {
  const page = ['By hand.', place('the run', 'old'), place('hit', 'old'), place('miss', 'old'), 'By hand.'].join('\n');

  it('gets what was measured, with the command, and keeps all else', () => {
    expect(updatedPage(page, measurement, false)).toBe(
      page.replace(place('hit', 'old'), place('hit', `| a table |\n\n${provenance}`)),
    );
  });

  it('says of a complete run when, where and how it was measured', () => {
    const updated = updatedPage(page, measurement, true);
    expect(updated).toContain(
      'Measured on 2026-01-15 by\n\n    npm run bench -- --rounds 7\n\non Some CPU, 2 cores, 8 GiB, Linux 6.1, Node 24.1.0',
    );
    expect(updated).toContain('median of 7 rounds of 4 s');
    expect(updated).toContain('| etagere | 1.2 | `--log off` |');
    expect(updated).toContain(place('miss', 'old'));
  });

  it('stays as it is where it has no place for what was measured', () => {
    expect(updatedPage('By hand.', measurement, true)).toBe('By hand.');
    expect(() => withMarked('By hand.', 'hit', '')).toThrow('no place for hit');
  });

  it.each([...sections.keys(), wholeRun])('is there for %s', (name) => {
    expect(['performance.md', 'scaling.md'].filter((each) => hasPlaceFor(readPage(each), name))).not.toEqual([]);
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
