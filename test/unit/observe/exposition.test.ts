import { describe, expect, it } from 'vitest';
import { expose } from '../../../src/observe/exposition.ts';
import { parseExposition } from './prometheus-text.ts';

describe('the text format of Prometheus', () => {
  it('has help, type and samples of each metric', () => {
    const text = expose([
      { name: 'a_total', type: 'counter', help: 'As.', samples: [{ value: 1 }, { labels: { x: 'y' }, value: 0.5 }] },
      { name: 'b', type: 'gauge', help: 'Bs.', samples: [{ value: Number.POSITIVE_INFINITY }] },
    ]);
    expect(text).toBe(
      '# HELP a_total As.\n# TYPE a_total counter\na_total 1\na_total{x="y"} 0.5\n# HELP b Bs.\n# TYPE b gauge\nb +Inf\n',
    );
  });

  it('leaves out labels that say nothing', () => {
    const samples = [{ labels: { a: undefined, b: '', c: 'd' }, value: 1 }];
    expect(expose([{ name: 'm', type: 'gauge', help: 'M.', samples }])).toContain('\nm{c="d"} 1\n');
  });

  it('lets no value break out of its quotes, nor a help text out of its line', () => {
    const value = 'a"} 1\nevil{x="\\';
    const text = expose([
      { name: 'm', type: 'gauge', help: 'One\\two\nthree', samples: [{ labels: { value }, value: 1 }] },
    ]);
    expect(text.split('\n')).toHaveLength(4);
    expect(parseExposition(text).get('m')).toMatchObject({
      help: 'One\\\\two\\nthree',
      series: [{ name: 'm', labels: { value: 'a\\"} 1\\nevil{x=\\"\\\\' }, value: 1 }],
    });
  });
});

describe('the parser that the tests have for it', () => {
  const head = '# HELP m M.\n# TYPE m gauge\n';

  it.each([
    ['a sample without a metric', 'a sample before its metric', 'm 1\n'],
    ['a sample of another metric', 'no sample of m', `${head}n 1\n`],
    ['a type without help', 'no HELP before', '# TYPE m gauge\nm 1\n'],
    ['an unknown type', 'or no type', '# HELP m M.\n# TYPE m thing\nm 1\n'],
    ['a series that is there twice', 'twice: m', `${head}m 1\nm 2\n`],
    ['a metric that is there twice', 'not the name of a new metric', `${head}m 1\n${head}m{a="b"} 2\n`],
    ['a label that is there twice', 'not a list of labels', `${head}m{a="b",a="c"} 2\n`],
    ['quotes that end early', 'not a list of labels', `${head}m{a="b"c"} 2\n`],
    ['no number', 'no number', `${head}m one\n`],
    ['a last line without an end', 'the last line has no end', `${head}m 1`],
  ])('refuses %s', (_, message, text) => {
    expect(() => parseExposition(text)).toThrow(message);
  });
});
