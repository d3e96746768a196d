import type { StoreStats } from '../../store/store.ts';
import { element, setAttributes } from './dom.ts';
import { bytes, count, counted, percent } from './format.ts';

/** Above this part of the limit a shelf counts as full: it drops what was used least. */
const nearlyFull = 0.9;

type Filled = Pick<StoreStats, 'responses' | 'bytesUsed' | 'bytesLimit' | 'evictions'>;

/** How full a shelf is. */
export class Meter {
  readonly element: HTMLElement;
  readonly #meter: HTMLMeterElement;
  readonly #used = element('b');
  readonly #more = element('p', { class: 'hint' });

  constructor(name: string) {
    this.#meter = element('meter', { min: 0, max: 1, high: nearlyFull, optimum: 0, 'aria-label': `${name} in use` });
    this.element = element(
      'section',
      { class: 'chart card meter' },
      element('h3', {}, name),
      element('p', {}, this.#used),
      this.#meter,
      this.#more,
    );
  }

  update({ responses, bytesUsed, bytesLimit, evictions }: Filled): void {
    const part = bytesLimit === 0 ? 0 : bytesUsed / bytesLimit;
    this.#used.textContent = `${bytes(bytesUsed)} of ${bytes(bytesLimit)} (${percent(part)})`;
    setAttributes(this.#meter, { value: part });
    this.#more.textContent = `${counted(responses, 'stored response')}; ${count(evictions)} dropped to make room since the start`;
  }
}
