import { element, setAttributes } from './dom.ts';
import { addressOf, readAddress } from './address.ts';
import type { View } from './view.ts';

/** The tabs above the views: the address says which one is open, so that it can be kept, sent, and gone back to. */
export class Tabs {
  readonly element = element('div', { role: 'tablist', 'aria-label': 'Views', class: 'tabs' });
  readonly #views: readonly View[];
  readonly #panel: HTMLElement;
  readonly #buttons: readonly HTMLButtonElement[];
  #shown: View | undefined;

  constructor(views: readonly View[], panel: HTMLElement) {
    this.#views = views;
    this.#panel = panel;
    this.#buttons = views.map(({ name, title }) =>
      element('button', { type: 'button', role: 'tab', id: `tab-${name}`, 'aria-controls': `view-${name}` }, title),
    );
    this.element.append(...this.#buttons);
    for (const [i, button] of this.#buttons.entries()) {
      button.addEventListener('click', () => this.#open(i));
      button.addEventListener('keydown', (event) => this.#move(event, i));
    }
    for (const { name, element: content } of views) {
      setAttributes(content, { role: 'tabpanel', id: `view-${name}`, 'aria-labelledby': `tab-${name}` });
    }
    window.addEventListener('hashchange', () => this.follow());
  }

  /** Shows what the address says; the first view where it says nothing that there is. */
  follow(): void {
    const { name, parameters } = readAddress(location.hash);
    // The skip link names the panel itself, whatever is in it.
    if (name === this.#panel.id && this.#shown !== undefined) return;
    const view = this.#views.find((each) => each.name === name) ?? this.#views[0];
    if (view === undefined) return;
    this.#shown?.hide();
    this.#shown = view;
    for (const [i, button] of this.#buttons.entries()) {
      const selected = this.#views[i] === view;
      setAttributes(button, { 'aria-selected': String(selected), tabindex: selected ? 0 : -1 });
    }
    document.title = `${view.title} – Etagere`;
    this.#panel.replaceChildren(view.element);
    view.show(parameters);
  }

  #open(i: number): void {
    const view = this.#views[i];
    if (view !== undefined) location.hash = addressOf(view.name);
  }

  /** Arrow keys, Home and End, as on the tabs of any desktop. */
  #move(event: KeyboardEvent, i: number): void {
    const last = this.#buttons.length - 1;
    const targets: Readonly<Record<string, number>> = {
      ArrowRight: i === last ? 0 : i + 1,
      ArrowLeft: i === 0 ? last : i - 1,
      Home: 0,
      End: last,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    this.#buttons[target]?.focus();
    this.#open(target);
  }
}
