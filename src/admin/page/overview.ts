import type { SecondRow, StatisticsSnapshot } from '../../observe/statistics.ts';
import type { Api } from './api.ts';
import { Chart } from './chart.ts';
import { element } from './dom.ts';
import { bytes, count, duration, percent, rate } from './format.ts';
import { binaryTop, roundTop } from './geometry.ts';
import { Meter } from './meter.ts';
import { type Pace, Poll } from './pace.ts';
import { Reasons } from './reasons.ts';
import { StoreCard } from './store-card.ts';
import { Tile } from './tile.ts';
import type { View } from './view.ts';
import { WorkersCard } from './workers-card.ts';

/** How often the figures are asked for: what they count by. */
const everyMs = 1_000;

/** For "a second" on a tile: long enough to be read, short enough to be now. */
const meanSeconds = 10;

/** What happens now, and what has happened since the start. */
export class Overview implements View {
  readonly name = 'overview';
  readonly title = 'Overview';
  readonly element: HTMLElement;
  readonly #poll: Poll;
  readonly #tiles = {
    requests: new Tile('Requests a second'),
    hits: new Tile('Hit ratio'),
    bytes: new Tile('Byte hit ratio'),
    collapsed: new Tile('Collapsed'),
    errors: new Tile('Errors'),
    origin: new Tile('At the origin now'),
  };
  readonly #charts = [
    new Chart({
      title: 'Requests a second',
      write: rate,
      top: roundTop,
      traces: [
        { name: 'hits', form: 'area', tone: 'hit', of: ({ hits }) => hits },
        { name: 'others', form: 'area', tone: 'miss', of: ({ requests, hits }) => requests - hits },
        { name: 'errors', form: 'line', tone: 'error', of: ({ errors }) => errors },
      ],
    }),
    new Chart({
      title: 'Hit ratio',
      write: percent,
      top: () => 1,
      traces: [
        {
          name: 'hits in what was looked up',
          form: 'line',
          tone: 'hit',
          of: ({ lookups, hits }) => (lookups === 0 ? undefined : hits / lookups),
        },
      ],
    }),
    new Chart({
      title: 'Sent a second',
      write: bytes,
      top: binaryTop,
      traces: [{ name: 'content', form: 'area', tone: 'plain', of: ({ bytes: sent }) => sent }],
    }),
  ];
  readonly #memory = new Meter('Memory');
  readonly #store = new StoreCard();
  readonly #reasons = new Reasons();
  readonly #workers = new WorkersCard();

  constructor(api: Api, pace: Pace) {
    this.#poll = new Poll(async () => this.#update(await api.get<StatisticsSnapshot>('/v1/stats')), everyMs, pace);
    this.element = element(
      'div',
      {},
      element('h2', { class: 'unseen' }, 'Figures'),
      element('dl', { class: 'tiles' }, ...Object.values(this.#tiles).map((tile) => tile.element)),
      element(
        'div',
        { class: 'charts' },
        ...this.#charts.map((chart) => chart.element),
        this.#memory.element,
        this.#store.element,
      ),
      this.#reasons.element,
      this.#workers.element,
    );
  }

  show(): void {
    this.#poll.start();
  }

  hide(): void {
    this.#poll.stop();
  }

  #update(figures: StatisticsSnapshot): void {
    // The last second is still under way: it would look like a drop.
    const seconds = figures.series.slice(0, -1);
    const { requests, hits, bytes: byteTile, collapsed, errors, origin } = this.#tiles;
    const { uptimeSeconds, refused } = figures;
    requests.say(rate(recentRate(seconds)), `${count(figures.requests)} in ${duration(uptimeSeconds)}`);
    hits.say(recentRatio(seconds), `${percent(figures.hitRatio)} since the start`);
    byteTile.say(
      percent(figures.byteHitRatio),
      `${bytes(figures.bytesFromShelf)} of ${bytes(figures.bytesSent)} from the shelf`,
    );
    collapsed.say(count(figures.collapsed), 'answered by what another asked for');
    errors.say(count(figures.errors), `and ${count(refused)} refused as unreadable`);
    origin.say(count(figures.originActive), `${count(figures.originQueued)} wait for a connection`);
    for (const chart of this.#charts) chart.update(seconds);
    this.#memory.update(figures.memory);
    this.#store.update(figures.store);
    this.#reasons.update(figures);
    this.#workers.update(figures);
  }
}

function recentRate(seconds: readonly SecondRow[]): number {
  const recent = seconds.slice(-meanSeconds);
  return recent.length === 0 ? 0 : recent.reduce((sum, { requests }) => sum + requests, 0) / recent.length;
}

/** Of all the seconds that the charts show. */
function recentRatio(seconds: readonly SecondRow[]): string {
  const lookups = seconds.reduce((sum, second) => sum + second.lookups, 0);
  const hits = seconds.reduce((sum, second) => sum + second.hits, 0);
  return lookups === 0 ? '–' : percent(hits / lookups);
}
