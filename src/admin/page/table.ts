import { type Child, element, setAttributes } from './dom.ts';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => Child | readonly Child[];
  /** Numbers stand under each other, at the right. */
  readonly numeric?: true;
}

export interface TableOptions<Row> {
  /** What it shows, for those who cannot see where it stands. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  /** More about a row, which a button in its first cell opens. */
  readonly more?: (row: Row) => Node;
}

/** A table that becomes a list of cards where there is no room for it. The roles keep it a table there, too. */
export class Table<Row> {
  readonly element: HTMLTableElement;
  readonly #options: TableOptions<Row>;
  readonly #body = element('tbody', { role: 'rowgroup' });
  #opened = 0;

  constructor(options: TableOptions<Row>) {
    this.#options = options;
    const heads = options.columns.map(({ title, numeric }) =>
      element('th', { role: 'columnheader', scope: 'col', class: numeric === true && 'numeric' }, title),
    );
    this.element = element(
      'table',
      { role: 'table' },
      element('caption', { class: 'unseen' }, options.caption),
      element('thead', { role: 'rowgroup' }, element('tr', { role: 'row' }, ...heads)),
      this.#body,
    );
  }

  /** Whether somebody is reading or using it just now, so that its rows should stay where they are. */
  get inUse(): boolean {
    return (
      this.element.matches(':focus-within') || (matchMedia('(hover: hover)').matches && this.#body.matches(':hover'))
    );
  }

  /** Shows these rows; where there are none, that text. */
  fill(rows: readonly Row[], empty: string): void {
    const width = this.#options.columns.length;
    const nothing = element(
      'tr',
      { role: 'row' },
      element('td', { role: 'cell', colspan: width, class: 'empty' }, empty),
    );
    this.#body.replaceChildren(...(rows.length === 0 ? [nothing] : rows.flatMap((row) => this.#rowsOf(row))));
  }

  #rowsOf(row: Row): HTMLTableRowElement[] {
    const cells = this.#options.columns.map(({ title, cell, numeric }) => {
      const content = cell(row);
      const children = typeof content === 'string' || content instanceof Node ? [content] : content;
      return element('td', { role: 'cell', 'data-label': title, class: numeric === true && 'numeric' }, ...children);
    });
    const main = element('tr', { role: 'row' }, ...cells);
    const { more } = this.#options;
    return more === undefined ? [main] : [main, this.#moreOf(cells[0], () => more(row))];
  }

  #moreOf(first: HTMLTableCellElement | undefined, more: () => Node): HTMLTableRowElement {
    const cell = element('td', { role: 'cell', colspan: this.#options.columns.length });
    const hidden = element('tr', { role: 'row', class: 'more', id: `more-${++this.#opened}`, hidden: true }, cell);
    const opener = element('button', {
      type: 'button',
      class: 'opener',
      'aria-expanded': 'false',
      'aria-controls': hidden.id,
    });
    opener.append(...(first?.childNodes ?? []));
    first?.append(opener);
    opener.addEventListener('click', () => {
      if (cell.childNodes.length === 0) cell.append(more());
      hidden.hidden = !hidden.hidden;
      setAttributes(opener, { 'aria-expanded': String(!hidden.hidden) });
    });
    return hidden;
  }
}
