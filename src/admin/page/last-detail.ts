import { detailTexts } from '../../explain/details.ts';
import type { ExplainedDetail } from '../../explain/explanation.ts';
import type { TopRow } from '../../observe/statistics.ts';
import type { Api } from './api.ts';

/** Enough to have what misses often: whatever is remembered of it is in the top. */
const rowsLookedAt = 200;

/**
 * The detail of the last answer for a URL, with its meaning, where the statistics remember it: of what is never stored there is nothing else that could say why.
 *
 * @throws Problem
 */
export async function lastDetail(api: Api, url: string): Promise<ExplainedDetail | undefined> {
  const { rows } = await api.get<{ readonly rows: readonly TopRow[] }>('/v1/top', [
    ['by', 'misses'],
    ['limit', String(rowsLookedAt)],
  ]);
  const code = rows.find((row) => row.url === url)?.lastDetail ?? '';
  return isDetail(code) ? { code, ...detailTexts[code] } : undefined;
}

/** Whether that is a detail of what was stored or reused; others are those of errors. */
export function isDetail(word: string): word is keyof typeof detailTexts {
  return Object.hasOwn(detailTexts, word);
}
