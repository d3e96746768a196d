import type { PurgeMode, PurgePreview, PurgeReceipt, Selection } from '../../engine/operations.ts';
import type { Api } from './api.ts';
import { type Child, choices, element, labelled } from './dom.ts';
import { count, counted, milliseconds, timeOfDay } from './format.ts';
import { messageOf } from './message.ts';
import type { View } from './view.ts';

type Kind = Selection['kind'];

const kinds: Readonly<Record<Kind, string>> = {
  url: 'URL, with every variant',
  prefix: 'Prefix of URLs',
  host: 'Host',
  tag: 'Tag',
  entry: 'One stored response',
  all: 'Everything',
};

const hints: Readonly<Record<Kind, string>> = {
  url: 'As clients ask for it: http://www.example.com/a?b=1',
  prefix: 'As clients ask for them: http://www.example.com/assets/',
  host: 'As clients ask for it, with a port if there is one: www.example.com',
  tag: 'A member of Surrogate-Key, Cache-Tag, xkey or Cache-Groups',
  entry: 'Its id: follow “Purge this one” on the shelf',
  all: 'Nothing to fill in',
};

const modes: Readonly<Record<PurgeMode, string>> = {
  soft: 'Soft: validated before the next use, kept while the origin fails',
  hard: 'Hard: gone',
};

/** Purges in two steps: first what it would match, then the purge itself. */
export class Purge implements View {
  readonly name = 'purge';
  readonly title = 'Purge';
  readonly element: HTMLElement;
  readonly #api: Api;
  readonly #kind = choices<Kind>('What', 'kind', kinds);
  readonly #mode = choices<PurgeMode>('How', 'mode', modes);
  readonly #value = element('input', { id: 'selected', autocomplete: 'off', spellcheck: 'false' });
  readonly #hint = element('p', { class: 'hint', id: 'selected-hint' });
  readonly #preview = element('div', { role: 'status', class: 'preview' });
  readonly #do = element('button', { type: 'button', class: 'danger', disabled: true }, 'Purge');
  readonly #receipts = element('ol', { class: 'receipts', 'aria-live': 'polite', 'aria-label': 'Receipts' });
  #asked = 0;

  constructor(api: Api) {
    this.#api = api;
    const field = labelled('Which', this.#value);
    this.#value.setAttribute('aria-describedby', this.#hint.id);
    field.append(this.#hint);
    const form = element(
      'form',
      { class: 'stack' },
      this.#kind.element,
      field,
      this.#mode.element,
      element('p', { class: 'actions' }, element('button', { class: 'primary' }, 'Preview'), this.#do),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#look();
    });
    // What was looked at is no longer what would be purged. The mode changes nothing about what matches.
    this.#kind.element.addEventListener('change', () => this.#begin());
    this.#value.addEventListener('input', () => this.#begin());
    this.#do.addEventListener('click', () => void this.#purge());
    this.element = element(
      'section',
      { class: 'card' },
      element('h2', {}, 'Purge'),
      form,
      this.#preview,
      this.#receipts,
    );
  }

  show(parameters: URLSearchParams): void {
    for (const kind of Object.keys(kinds) as Kind[]) {
      const value = parameters.get(kind);
      if (value === null) continue;
      this.#kind.value = kind;
      this.#value.value = value;
    }
    this.#begin();
    if (parameters.size > 0) void this.#look();
  }

  hide(): void {
    this.#asked += 1;
  }

  /** Back to where nothing has been looked at. */
  #begin(): void {
    this.#asked += 1;
    const kind = this.#kind.value;
    this.#hint.textContent = hints[kind];
    this.#value.disabled = kind === 'all';
    this.#value.required = kind !== 'all';
    this.#do.disabled = true;
    this.#do.textContent = 'Purge';
    this.#preview.replaceChildren();
  }

  #body(): Readonly<Record<string, string | true>> {
    const kind = this.#kind.value;
    return kind === 'all' ? { all: true } : { [kind]: this.#value.value.trim() };
  }

  async #look(): Promise<void> {
    this.#begin();
    const asked = this.#asked;
    try {
      const found = await this.#api.post<PurgePreview & Hinted>('/v1/purge/preview', this.#body());
      if (asked !== this.#asked) return;
      this.#preview.replaceChildren(...previewOf(found));
      // Also where nothing matches: what is on its way from the origin is doomed by it.
      this.#do.disabled = false;
      this.#do.textContent = `Purge ${responses(found.matched)}`;
    } catch (error) {
      if (asked === this.#asked) this.#preview.replaceChildren(element('p', { class: 'fault' }, messageOf(error)));
    }
  }

  async #purge(): Promise<void> {
    const mode = this.#mode.value;
    const body = this.#body();
    const what = this.#kind.value === 'all' ? 'everything' : `${this.#kind.value} ${this.#value.value.trim()}`;
    this.#do.disabled = true;
    try {
      const receipt = await this.#api.post<PurgeReceipt>('/v1/purge', { ...body, mode });
      this.#begin();
      this.#receipts.prepend(receiptOf(receipt, `${mode === 'soft' ? 'Soft' : 'Hard'} purge of ${what}`));
    } catch (error) {
      this.#preview.replaceChildren(element('p', { class: 'fault' }, messageOf(error)));
    }
  }
}

function responses(many: number): string {
  return counted(many, 'stored response');
}

/** What the API adds where nothing matched: what was most likely meant. */
interface Hinted {
  readonly hint?: string;
}

function previewOf({ matched, sample, hint }: PurgePreview & Hinted): Child[] {
  const said = element('p', {}, `This would match ${responses(matched)}${sample.length === 0 ? '.' : ':'}`);
  if (sample.length === 0) return hint === undefined ? [said] : [said, element('p', { class: 'hint' }, hint)];
  const list = element('ul', { class: 'fields' }, ...sample.map((url) => element('li', {}, url)));
  return matched > sample.length ? [said, list, `and ${count(matched - sample.length)} more`] : [said, list];
}

function receiptOf(receipt: PurgeReceipt, what: string): HTMLElement {
  const figures = [
    ['matched', count(receipt.matched)],
    ['made stale', count(receipt.stale)],
    ['removed', count(receipt.removed)],
    ['fills doomed', count(receipt.fillsDoomed)],
    ...receipt.acknowledged.flatMap(
      ({ instance, inForceMs, ms }) =>
        [
          [`in force at ${instance} after`, milliseconds(inForceMs)],
          ...(ms === undefined ? [] : ([[`done at ${instance} after`, milliseconds(ms)]] as const)),
        ] as const,
    ),
    ...(receipt.unheard ?? []).map((instance) => [`in force at ${instance}`, 'not heard in time'] as const),
  ] as const;
  const pairs = figures.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value)));
  return element(
    'li',
    { class: 'receipt' },
    element('h3', {}, what, ' ', element('time', {}, timeOfDay(Date.now()))),
    element('dl', { class: 'figures' }, ...pairs),
  );
}
