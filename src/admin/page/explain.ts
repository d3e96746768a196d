import type { LiveExplanation } from '../../explain/live-explanation.ts';
import type { Api } from './api.ts';
import { element, labelled } from './dom.ts';
import { explanationOf } from './explanation.ts';
import { messageOf } from './message.ts';
import { addressOf } from './address.ts';
import type { View } from './view.ts';

/** Why a request is a hit or not, and what would make it one. */
export class Explain implements View {
  readonly name = 'explain';
  readonly title = 'Explain';
  readonly element: HTMLElement;
  readonly #api: Api;
  readonly #url = element('input', {
    type: 'url',
    id: 'url',
    required: true,
    autocomplete: 'off',
    spellcheck: 'false',
  });
  readonly #header = element('textarea', { id: 'header', rows: 3, autocomplete: 'off', spellcheck: 'false' });
  readonly #answer = element('div', { 'aria-live': 'polite' });
  #asked = 0;

  constructor(api: Api) {
    this.#api = api;
    const form = element(
      'form',
      { class: 'stack' },
      labelled('URL', this.#url, 'As clients ask for it, Host and all: http://www.example.com/a'),
      labelled('Request fields', this.#header, 'One a line: Accept-Language: fr'),
      element('p', { class: 'actions' }, element('button', { class: 'primary' }, 'Explain')),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const address = addressOf(this.name, { url: this.#url.value.trim(), header: this.#header.value.trim() });
      if (address === location.hash) void this.#explain();
      else location.hash = address;
    });
    this.element = element(
      'div',
      {},
      element('section', { class: 'card' }, element('h2', {}, 'Explain a request'), form),
      this.#answer,
    );
  }

  show(parameters: URLSearchParams): void {
    this.#url.value = parameters.get('url') ?? '';
    this.#header.value = parameters.get('header') ?? '';
    this.#answer.replaceChildren();
    if (this.#url.value !== '') void this.#explain();
  }

  hide(): void {
    this.#asked += 1;
  }

  async #explain(): Promise<void> {
    const asked = ++this.#asked;
    const lines = this.#header.value.split('\n').filter((line) => line.trim() !== '');
    try {
      const explanation = await this.#api.get<LiveExplanation>('/v1/explain', [
        ['url', this.#url.value.trim()],
        ...lines.map((line) => ['header', line.trim()] as const),
      ]);
      if (asked === this.#asked) this.#answer.replaceChildren(...explanationOf(explanation));
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#answer.replaceChildren(element('p', { class: 'card fault' }, messageOf(error)));
    }
  }
}
