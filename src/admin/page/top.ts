import type { TopOrder, TopRow } from '../../observe/statistics.ts';
import type { Api } from './api.ts';
import { choices, element } from './dom.ts';
import { bytes, count, percent } from './format.ts';
import { type Pace, Poll } from './pace.ts';
import { Table } from './table.ts';
import { addressOf } from './address.ts';
import type { View } from './view.ts';
import { missingOf } from './whole-url.ts';

const everyMs = 2_000;
const mostRows = 25;

/** The URLs with the most requests, bytes or misses. */
export class Top implements View {
  readonly name = 'top';
  readonly title = 'Top URLs';
  readonly element: HTMLElement;
  readonly #order = choices<TopOrder>('Ordered by', 'by', { requests: 'Requests', bytes: 'Bytes', misses: 'Misses' });
  readonly #note = element('p', { class: 'hint' });
  readonly #poll: Poll;
  readonly #table = new Table<TopRow>({
    caption: 'The URLs that are asked for most',
    columns: [
      { title: 'URL', cell: ({ url }) => element('span', { class: 'url' }, url) },
      { title: 'Requests', cell: (row) => this.#figure(row, 'requests', count), numeric: true },
      { title: 'Hits', cell: ({ hits, requests }) => percent(requests === 0 ? 0 : hits / requests), numeric: true },
      { title: 'Misses', cell: (row) => this.#figure(row, 'misses', count), numeric: true },
      { title: 'Sent', cell: (row) => this.#figure(row, 'bytes', bytes), numeric: true },
      { title: 'Last detail', cell: ({ lastDetail }) => (lastDetail === '' ? '' : element('code', {}, lastDetail)) },
      { title: 'More', cell: ({ url }) => linksOf(url) },
    ],
  });

  constructor(api: Api, pace: Pace) {
    this.#poll = new Poll(async () => this.#update(api), everyMs, pace);
    this.#order.element.addEventListener('change', () => {
      location.replace(addressOf(this.name, { by: this.#order.value }));
    });
    this.element = element(
      'section',
      { class: 'card' },
      element('h2', {}, 'Top URLs'),
      this.#order.element,
      this.#note,
      element('div', { class: 'wide' }, this.#table.element),
    );
  }

  show(parameters: URLSearchParams): void {
    const by = parameters.get('by');
    this.#order.value = by === 'bytes' || by === 'misses' ? by : 'requests';
    this.#poll.start();
  }

  hide(): void {
    this.#poll.stop();
  }

  /** What the rows are ordered by may be known by its bounds only. */
  #figure(row: TopRow, what: TopOrder, write: (value: number) => string): string {
    const most = this.#order.value === what ? row.atMost : undefined;
    return most === undefined ? write(row[what]) : `${write(row[what])} to ${write(most)}`;
  }

  async #update(api: Api): Promise<void> {
    const by = this.#order.value;
    const { rows } = await api.get<{ readonly rows: readonly TopRow[] }>('/v1/top', [
      ['by', by],
      ['limit', String(mostRows)],
    ]);
    if (this.#table.inUse || by !== this.#order.value) return;
    const rough = rows.some((row) => row.atMost !== undefined);
    this.#note.textContent = `Since the start. The rows stay where they are while you point at them.${
      rough ? ' There were more URLs than are remembered: some counts are the least that they can be.' : ''
    }`;
    this.#table.fill(rows, 'No requests so far.');
  }
}

function linksOf(url: string): Node {
  const missing = missingOf(url);
  if (missing !== undefined) return element('span', { class: 'hint' }, missing);
  const links = [
    ['Explain', addressOf('explain', { url })],
    // A pattern that ends with all of it: without one, whatever has it as a part would be found, too.
    ['Stored', addressOf('shelf', { match: `*${url}` })],
    ['Purge', addressOf('purge', { url })],
  ] as const;
  return element('span', { class: 'links' }, ...links.map(([text, href]) => element('a', { href }, text)));
}
