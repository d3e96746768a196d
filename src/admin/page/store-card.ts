import type { StoreFigures } from '../../observe/statistics.ts';
import { element, setAttributes } from './dom.ts';
import { bytes, count, counted, percent } from './format.ts';

const titles: Readonly<Record<StoreFigures['kind'], string>> = { disk: 'Disk', redis: 'Redis' };

/** How the shelf beneath memory is; not there where there is none. */
export class StoreCard {
  readonly element: HTMLElement;
  readonly #title = element('h3');
  readonly #state = element('b');
  readonly #meter = element('meter', { min: 0, max: 1, 'aria-label': 'Shelf beneath memory in use', hidden: true });
  readonly #more = element('p', { class: 'hint' });

  constructor() {
    this.element = element(
      'section',
      { class: 'chart card meter', hidden: true },
      this.#title,
      element('p', {}, this.#state),
      this.#meter,
      this.#more,
    );
  }

  update(store: StoreFigures | undefined): void {
    setAttributes(this.element, { hidden: store === undefined });
    if (store === undefined) return;
    const { kind, isUp, bytesUsed, bytesLimit, responses, hits, evictions, failures, damaged } = store;
    this.#title.textContent = titles[kind];
    const part = bytesUsed === undefined || !bytesLimit ? undefined : bytesUsed / bytesLimit;
    setAttributes(this.#meter, { value: part ?? 0, hidden: part === undefined });
    const size = bytesUsed === undefined ? 'in use' : bytes(bytesUsed);
    const use = part === undefined ? size : `${size} of ${bytes(bytesLimit ?? 0)} (${percent(part)})`;
    this.#state.textContent = isUp ? use : 'left alone, as it failed';
    const stored = responses === undefined ? [] : [counted(responses, 'stored response')];
    this.#more.textContent = [
      ...stored,
      `${counted(hits, 'hit')} found there`,
      `${count(evictions)} dropped to make room`,
      `${counted(failures, 'call')} failed`,
      `${counted(damaged, 'record')} damaged`,
    ].join('; ');
  }
}
