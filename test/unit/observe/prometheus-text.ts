/** A series of a scrape: its name, its labels as they are written, and its value. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric with its series. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly series: readonly Series[];
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const labelPair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/y;

const suffixes: Readonly<Record<string, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
};

/** Reads the text format 0.0.4 more strictly than Prometheus does: HELP, TYPE and samples of each metric in this order and in one place, nothing twice. Throws at the first mistake. */
export function parseExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, Family & { series: Series[] }>();
  const seen = new Set<string>();
  let help: [name: string, text: string] | undefined;
  let current: (Family & { series: Series[] }) | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (keyword === 'HELP') {
      if (!metricName.test(name) || families.has(name)) throw new Error(`not the name of a new metric: ${line}`);
      help = [name, rest];
    } else if (keyword === 'TYPE') {
      if (help?.[0] !== name || suffixes[rest] === undefined) throw new Error(`no HELP before, or no type: ${line}`);
      current = { name, help: help[1], type: rest, series: [] };
      families.set(name, current);
    } else {
      if (current === undefined) throw new Error(`a sample before its metric: ${line}`);
      if (seen.has(line.slice(0, line.lastIndexOf(' ')))) throw new Error(`twice: ${line}`);
      seen.add(line.slice(0, line.lastIndexOf(' ')));
      current.series.push(parseSample(line, current));
    }
  }
  return families;
}

function parseSample(line: string, { name, type }: Family): Series {
  const [, series = '', labels = '', value = ''] = sampleLine.exec(line) ?? [];
  if (!(suffixes[type] ?? []).some((suffix) => series === name + suffix)) {
    throw new Error(`no sample of ${name}: ${line}`);
  }
  const number = value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value);
  if (Number.isNaN(number)) throw new Error(`no number: ${line}`);
  return { name: series, labels: parseLabels(labels, line), value: number };
}

function parseLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  labelPair.lastIndex = 0;
  while (labelPair.lastIndex < text.length) {
    const [, name = '', value = ''] = labelPair.exec(text) ?? [];
    if (name === '' || name in labels) throw new Error(`not a list of labels: ${line}`);
    labels[name] = value;
  }
  return labels;
}
