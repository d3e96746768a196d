/** What an Etagere with its admin API at that port says of itself to Prometheus. */
export async function pageOfMetrics(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  if (answer.status !== 200) throw new Error(`the metrics were answered ${answer.status}`);
  return answer.text();
}

/**
 * One figure of it, as `name` or `name{label="value"}`.
 * @throws RangeError where there is none.
 */
export function metricIn(page: string, series: string): number {
  const line = page.split('\n').find((text) => text.startsWith(`${series} `));
  if (line === undefined) throw new RangeError(`no such metric: ${series}`);
  return Number(line.slice(series.length + 1));
}
