import type { EntriesPage, Entry } from '../../engine/operations.ts';
import type { Api } from './api.ts';
import { element, labelled } from './dom.ts';
import { entryDetails } from './entry-details.ts';
import { bytes, counted, duration } from './format.ts';
import { messageOf } from './message.ts';
import { Table } from './table.ts';
import { addressOf } from './address.ts';
import type { View } from './view.ts';

const entriesPerPage = 50;

/** What is stored, page by page. */
export class Shelf implements View {
  readonly name = 'shelf';
  readonly title = 'Shelf';
  readonly element: HTMLElement;
  readonly #api: Api;
  readonly #match = element('input', { type: 'search', id: 'match', autocomplete: 'off', spellcheck: 'false' });
  readonly #tag = element('input', { type: 'search', id: 'tag', autocomplete: 'off', spellcheck: 'false' });
  readonly #said = element('p', { role: 'status' });
  readonly #before = element('button', { type: 'button' }, 'Page before');
  readonly #next = element('button', { type: 'button' }, 'Next page');
  /** Where the pages up to this one begin; the first begins nowhere. */
  #cursors: readonly string[] = [''];
  #nextCursor: string | undefined;
  #asked = 0;
  readonly #table = new Table<Entry>({
    caption: 'Stored responses',
    more: entryDetails,
    columns: [
      { title: 'URL', cell: ({ url }) => element('span', { class: 'url' }, url) },
      { title: 'Variant', cell: ({ variant }) => variantText(variant) },
      {
        title: 'Status',
        cell: ({ status, method }) => `${method === 'QUERY' ? 'QUERY ' : ''}${status}`,
        numeric: true,
      },
      { title: 'Content', cell: ({ contentBytes }) => bytes(contentBytes), numeric: true },
      { title: 'Age', cell: ({ age }) => duration(age), numeric: true },
      { title: 'Time to live', cell: ({ ttl }) => duration(ttl), numeric: true },
      { title: 'State', cell: ({ state }) => element('span', { class: `state ${state}` }, state) },
    ],
  });

  constructor(api: Api) {
    this.#api = api;
    this.#before.addEventListener('click', () => this.#turn(this.#cursors.slice(0, -1)));
    this.#next.addEventListener('click', () => this.#turn([...this.#cursors, this.#nextCursor ?? '']));
    this.element = element(
      'section',
      { class: 'card' },
      element('h2', {}, 'What is stored'),
      this.#form(),
      this.#said,
      element('div', { class: 'wide' }, this.#table.element),
      element('p', { class: 'actions' }, this.#before, this.#next),
    );
  }

  show(parameters: URLSearchParams): void {
    this.#match.value = parameters.get('match') ?? '';
    this.#tag.value = parameters.get('tag') ?? '';
    this.#turn(['']);
  }

  hide(): void {
    this.#asked += 1;
  }

  #form(): HTMLFormElement {
    const form = element(
      'form',
      { role: 'search', class: 'row' },
      labelled('URL', this.#match, 'A part of it, or with * a pattern for all of it: *://*/assets/*'),
      labelled('Tag', this.#tag, 'Of Surrogate-Key, Cache-Tag, xkey or Cache-Groups'),
      element('button', { class: 'primary' }, 'Search'),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const address = addressOf(this.name, { match: this.#match.value, tag: this.#tag.value });
      if (address === location.hash) this.#turn(['']);
      else location.hash = address;
    });
    return form;
  }

  #turn(cursors: readonly string[]): void {
    this.#cursors = cursors;
    void this.#load(++this.#asked).catch((error: unknown) => {
      this.#said.textContent = messageOf(error);
    });
  }

  async #load(asked: number): Promise<void> {
    const { entries, cursor } = await this.#api.get<EntriesPage>('/v1/entries', [
      ['match', this.#match.value],
      ['tag', this.#tag.value],
      ['cursor', this.#cursors.at(-1) ?? ''],
      ['limit', String(entriesPerPage)],
    ]);
    if (asked !== this.#asked) return;
    this.#nextCursor = cursor;
    this.#before.disabled = this.#cursors.length < 2;
    this.#next.disabled = cursor === undefined;
    const responses = counted(entries.length, 'stored response');
    this.#said.textContent = `Page ${this.#cursors.length}: ${responses}${cursor === undefined ? ', and no more.' : '; there are more.'}`;
    this.#table.fill(entries, 'Nothing here that matches.');
  }
}

function variantText(variant: Entry['variant']): string {
  return Object.entries(variant)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ');
}
