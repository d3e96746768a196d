/** One line of a metric, less the name. */
export interface Sample {
  /** What follows the metric's name: `_bucket`, `_sum` and `_count` of a histogram. */
  readonly suffix?: string;
  /** Absent ones and empty values are the same to Prometheus, and left out. */
  readonly labels?: Readonly<Record<string, string | undefined>>;
  readonly value: number;
}

/** A metric and what is known of it. */
export interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** One sentence, with the unit. */
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** Metrics in the text format of Prometheus, version 0.0.4. */
export function expose(metrics: readonly Metric[]): string {
  const lines: string[] = [];
  for (const { name, type, help, samples } of metrics) {
    lines.push(`# HELP ${name} ${escapedHelp(help)}`, `# TYPE ${name} ${type}`);
    for (const { suffix = '', labels = {}, value } of samples) {
      lines.push(`${name}${suffix}${labelText(labels)} ${numberText(value)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function labelText(labels: NonNullable<Sample['labels']>): string {
  const pairs: string[] = [];
  for (const [name, value = ''] of Object.entries(labels)) {
    if (value !== '') pairs.push(`${name}="${escapedValue(value)}"`);
  }
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapedHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function escapedValue(text: string): string {
  return escapedHelp(text).replaceAll('"', '\\"');
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
