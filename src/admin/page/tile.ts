import { element } from './dom.ts';

/** One figure with its name, and what else belongs to it. */
export class Tile {
  readonly element: HTMLElement;
  readonly #value = element('dd', { class: 'value' }, '–');
  readonly #more = element('dd', { class: 'hint' });

  constructor(name: string) {
    this.element = element('div', { class: 'card tile' }, element('dt', {}, name), this.#value, this.#more);
  }

  say(value: string, more: string): void {
    this.#value.textContent = value;
    this.#more.textContent = more;
  }
}
