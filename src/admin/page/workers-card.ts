import type { StatisticsSnapshot, WorkerRow } from '../../observe/statistics.ts';
import { element, setAttributes } from './dom.ts';
import { count, duration } from './format.ts';
import { Table } from './table.ts';

/** How each of several processes is; not there where there is one. */
export class WorkersCard {
  readonly element: HTMLElement;
  readonly #deaths = element('p', { class: 'hint' });
  readonly #table = new Table<WorkerRow>({
    caption: 'Workers',
    columns: [
      { title: 'Worker', cell: ({ instance }) => element('code', {}, instance) },
      { title: 'Requests', cell: ({ requests }) => (requests === undefined ? '–' : count(requests)), numeric: true },
      { title: 'Runs for', cell: ({ uptimeSeconds }) => (uptimeSeconds === undefined ? '–' : duration(uptimeSeconds)) },
      {
        title: 'Figures',
        cell: ({ answered }) => (answered ? 'told in time' : 'not told in time: the last that were'),
      },
    ],
  });

  constructor() {
    this.element = element(
      'section',
      { class: 'card', hidden: true },
      element('h2', {}, 'Workers'),
      this.#deaths,
      element('div', { class: 'wide' }, this.#table.element),
    );
  }

  update({ workers, workerDeaths = 0 }: StatisticsSnapshot): void {
    setAttributes(this.element, { hidden: workers === undefined });
    if (workers === undefined || this.#table.inUse) return;
    this.#deaths.textContent = `${count(workerDeaths)} ended unasked since the start`;
    this.#table.fill(workers, 'None has joined so far.');
  }
}
