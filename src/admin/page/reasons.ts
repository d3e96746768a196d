import { detailTexts } from '../../explain/details.ts';
import { missReasons } from '../../observe/miss-reasons.ts';
import type { StatisticsSnapshot } from '../../observe/statistics.ts';
import { type Child, element, withCode } from './dom.ts';
import { count, percent } from './format.ts';
import { Table } from './table.ts';

/** A reason as the statistics name it, with its share. */
interface ReasonRow {
  readonly reason: string;
  readonly requests: number;
  readonly share: number;
}

/** What the words behind `fwd=` say (RFC 9211 §2.2). */
const forwardTexts: Readonly<Record<string, string>> = {
  'uri-miss': 'Nothing was stored under this URL.',
  'vary-miss': 'What was stored was made for other request fields (Vary).',
  stale: 'What was stored was no longer fresh.',
  request: 'The request asked for it.',
  method: 'The method is always forwarded.',
  bypass: 'The request had content, which is no part of the key.',
  partial: 'Only a part was stored.',
};

/** Why misses missed: each reason with how often, what it means, and what to do about it. */
export class Reasons {
  readonly element: HTMLElement;
  readonly #table = new Table<ReasonRow>({
    caption: 'Reasons for misses, the most frequent first',
    columns: [
      { title: 'Cache-Status', cell: ({ reason }) => element('code', {}, reason) },
      { title: 'Requests', cell: ({ requests }) => count(requests), numeric: true },
      { title: 'Of all misses', cell: ({ share }) => [bar(share), percent(share)], numeric: true },
      { title: 'What it means', cell: ({ reason }) => meaningOf(reason) },
    ],
  });

  constructor() {
    this.element = element(
      'section',
      { class: 'card' },
      element('h2', {}, 'Why misses missed'),
      element('div', { class: 'wide' }, this.#table.element),
    );
  }

  update({ byReason }: StatisticsSnapshot): void {
    if (this.#table.inUse) return;
    const misses = missReasons(byReason);
    const all = misses.reduce((sum, [, requests]) => sum + requests, 0);
    const rows = misses.map(([reason, requests]) => ({ reason, requests, share: requests / all }));
    this.#table.fill(rows, 'No misses so far.');
  }
}

function bar(share: number): Node {
  return element('progress', { max: 1, value: share, 'aria-hidden': 'true' });
}

function meaningOf(reason: string): Child[] {
  const said = new Map(reason.split('; ').map(wordOf));
  const detail = said.get('detail');
  const text = detail !== undefined && isDetail(detail) ? detailTexts[detail] : undefined;
  if (text !== undefined) {
    return [...withCode(text.meaning), element('p', { class: 'remedy' }, ...withCode(text.remedy))];
  }
  const fwd = forwardTexts[said.get('fwd') ?? ''] ?? '';
  return [said.get('fwd-status') === '304' ? `${fwd} The origin confirmed it.` : fwd];
}

function wordOf(part: string): [name: string, value: string] {
  const [name = '', value = ''] = part.split('=');
  return [name, value];
}

/** Whether that is a detail of what was stored or reused; others are those of errors. */
function isDetail(word: string): word is keyof typeof detailTexts {
  return Object.hasOwn(detailTexts, word);
}
