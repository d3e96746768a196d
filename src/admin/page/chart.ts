import type { SecondRow } from '../../observe/statistics.ts';
import { type Attributes, element, setAttributes, shape } from './dom.ts';
import { timeOfDay } from './format.ts';
import { areaPath, type Box, linePath, type Values, xOf } from './geometry.ts';

/** Something that a chart shows of each second. */
export interface Trace {
  readonly name: string;
  /** Areas stand on each other in the order of the list; lines stand for themselves. */
  readonly form: 'area' | 'line';
  /** Names its colour in the style sheet. */
  readonly tone: 'hit' | 'miss' | 'error' | 'plain';
  /** Undefined where a second has nothing to say. */
  readonly of: (second: SecondRow) => number | undefined;
}

export interface ChartOptions {
  readonly title: string;
  readonly traces: readonly Trace[];
  readonly write: (value: number) => string;
  /** The value at the upper edge. */
  readonly top: (values: Values) => number;
}

const box: Box = { width: 600, height: 120 };

/**
 * A chart of the last seconds. The reading beside its title is that of the last whole second, or of the one that the pointer or the arrow keys are at.
 */
export class Chart {
  readonly element: HTMLElement;
  readonly #options: ChartOptions;
  readonly #paths: readonly SVGPathElement[];
  readonly #readings: readonly HTMLElement[];
  readonly #cursor = shape('line', { class: 'cursor', y1: 0, y2: box.height, visibility: 'hidden' });
  readonly #when = element('span', { class: 'when' });
  readonly #top = element('span');
  readonly #plot: HTMLElement;
  #seconds: readonly SecondRow[] = [];
  /** How many seconds before the last one; undefined: nobody points at one. */
  #back: number | undefined;

  constructor(options: ChartOptions) {
    this.#options = options;
    this.#paths = options.traces.map(({ tone, form }) => shape('path', { class: `${form} ${tone}` }));
    this.#readings = options.traces.map(() => element('b'));
    const key = options.traces.map(({ name, tone }, i) =>
      element('li', { class: tone }, `${name} `, this.#readings[i] ?? ''),
    );
    const drawing = shape('svg', {
      viewBox: `0 0 ${box.width} ${box.height}`,
      preserveAspectRatio: 'none',
      'aria-hidden': 'true',
    });
    drawing.append(...this.#paths, this.#cursor);
    this.#plot = element('div', { class: 'plot', ...slider(options.title) }, drawing);
    this.#listen();
    this.element = element(
      'figure',
      { class: 'chart' },
      element('figcaption', {}, element('h3', {}, options.title), element('ul', { class: 'key' }, ...key), this.#when),
      element('div', { class: 'upper' }, this.#top),
      this.#plot,
      element(
        'div',
        { class: 'lower', 'aria-hidden': 'true' },
        element('span', {}, '2 min ago'),
        element('span', {}, 'now'),
      ),
    );
  }

  /** Shows these seconds, which are whole, the oldest first. */
  update(seconds: readonly SecondRow[]): void {
    this.#seconds = seconds;
    const { traces, write } = this.#options;
    const values = traces.map((trace) => seconds.map((second) => trace.of(second)));
    const stacked = stack(traces, values);
    const top = this.#options.top([...values.flat(), ...stacked.flatMap(({ upper }) => upper)]);
    this.#top.textContent = write(top);
    for (const [i, { form }] of traces.entries()) {
      const { lower, upper } = stacked[i] ?? { lower: [], upper: [] };
      const path = form === 'area' ? areaPath(lower, upper, top, box) : linePath(values[i] ?? [], top, box);
      this.#paths[i]?.setAttribute('d', path);
    }
    this.#read();
  }

  #listen(): void {
    const plot = this.#plot;
    plot.addEventListener('pointermove', ({ clientX }) => {
      const { left, width } = plot.getBoundingClientRect();
      this.#point(Math.round((1 - (clientX - left) / width) * (this.#seconds.length - 1)));
    });
    const forget = (): void => this.#point(undefined);
    plot.addEventListener('pointerleave', forget);
    plot.addEventListener('blur', forget);
    const steps: Readonly<Record<string, number>> = { ArrowLeft: 1, ArrowRight: -1, PageUp: -10, PageDown: 10 };
    plot.addEventListener('keydown', (event) => {
      const back = this.#back ?? 0;
      const ends: Readonly<Record<string, number>> = { Home: this.#seconds.length - 1, End: 0 };
      const wanted = ends[event.key] ?? (event.key in steps ? back + (steps[event.key] ?? 0) : undefined);
      if (wanted === undefined) return;
      event.preventDefault();
      this.#point(wanted);
    });
  }

  #point(back: number | undefined): void {
    this.#back = back === undefined ? undefined : Math.min(Math.max(back, 0), Math.max(this.#seconds.length - 1, 0));
    this.#read();
  }

  #read(): void {
    const i = this.#seconds.length - 1 - (this.#back ?? 0);
    const second = this.#seconds[i];
    const texts = this.#options.traces.map((trace) => {
      const value = second === undefined ? undefined : trace.of(second);
      return value === undefined ? '–' : this.#options.write(value);
    });
    for (const [t, text] of texts.entries()) {
      const reading = this.#readings[t];
      if (reading !== undefined) reading.textContent = text;
    }
    const time = second === undefined ? '' : timeOfDay(second.at);
    this.#when.textContent = this.#back === undefined ? '' : time;
    const x = xOf(i, this.#seconds.length, box);
    setAttributes(this.#cursor, { x1: x, x2: x, visibility: this.#back === undefined ? 'hidden' : 'visible' });
    const spoken = this.#options.traces.map(({ name }, t) => `${name} ${texts[t] ?? ''}`).join(', ');
    setAttributes(this.#plot, {
      'aria-valuemin': 1 - this.#seconds.length,
      'aria-valuenow': -(this.#back ?? 0),
      'aria-valuetext': `${time}: ${spoken}`,
    });
  }
}

/** What makes a plot something that the arrow keys move along, a second at a time. */
function slider(title: string): Attributes {
  return { role: 'slider', tabindex: 0, 'aria-label': `${title}, second by second`, 'aria-valuemax': 0 };
}

/** The lower and upper edge of each trace that is an area. */
function stack(
  traces: readonly Trace[],
  values: readonly Values[],
): readonly { readonly lower: readonly number[]; readonly upper: readonly number[] }[] {
  let below: readonly number[] = (values[0] ?? []).map(() => 0);
  return traces.map(({ form }, t) => {
    if (form !== 'area') return { lower: [], upper: [] };
    const lower = below;
    below = lower.map((value, i) => value + (values[t]?.[i] ?? 0));
    return { lower, upper: below };
  });
}
