import type { RequestHead } from '../http/message.ts';
import { redactedTarget } from '../http/redaction.ts';
import { absent, Heaviest, type Weighed } from './space-saving.ts';
import type { TopOrder, TopRow } from './statistics.ts';

/** URLs that are remembered for each order; three times as many where no URL is in two of them. */
const placesPerOrder = 1_000;

/** Longer URLs are counted under their beginning. */
const maxUrlLength = 1_024;

const orders: readonly TopOrder[] = ['requests', 'bytes', 'misses'];

interface UrlRow extends Weighed {
  readonly url: string;
  hits: number;
  lastDetail: string;
}

/** What is counted of one exchange. */
export interface UrlExchange {
  readonly hit: boolean;
  readonly miss: boolean;
  readonly bytes: number;
  readonly detail: string | undefined;
}

/** The URLs with the most requests, bytes and misses, in bounded memory whatever is asked for. */
export class TopUrls {
  readonly #rows = new Map<string, UrlRow>();
  readonly #heaviest: readonly Heaviest<UrlRow>[];

  constructor(places: number = placesPerOrder) {
    this.#heaviest = orders.map((_, slot) => new Heaviest<UrlRow>(slot, places));
  }

  /** How many URLs are remembered. */
  get size(): number {
    return this.#rows.size;
  }

  count({ scheme, authority, target }: RequestHead, exchange: UrlExchange): void {
    const url = `${scheme}://${authority}${target}`;
    const row = this.#rows.get(url);
    if (row !== undefined) this.#countKnown(row, exchange);
    else this.#countOther(nameOf(`${scheme}://${authority}`, target), exchange);
  }

  top(by: TopOrder, limit: number): readonly TopRow[] {
    const slot = orders.indexOf(by);
    const rows = [...(this.#heaviest[slot]?.items ?? [])];
    rows.sort((a, b) => (b.counts[slot] ?? 0) - (a.counts[slot] ?? 0));
    return rows.slice(0, limit).map((row) => topRow(row, slot));
  }

  #countKnown(row: UrlRow, { hit, miss, bytes, detail }: UrlExchange): void {
    if (hit) row.hits++;
    if (detail !== undefined) row.lastDetail = detail;
    this.#gain(row, 0, 1);
    if (bytes > 0) this.#gain(row, 1, bytes);
    if (miss) this.#gain(row, 2, 1);
  }

  /** Counts a URL that is not remembered as the client wrote it: under the name without secrets, if that is, or gets a place. */
  #countOther(name: string, exchange: UrlExchange): void {
    const known = this.#rows.get(name);
    if (known !== undefined) {
      this.#countKnown(known, exchange);
      return;
    }
    const { hit, miss, bytes, detail = '' } = exchange;
    const hash = hashOf(name);
    const gains = [1, bytes, miss ? 1 : 0];
    let row: UrlRow | undefined;
    for (const [slot, gain] of gains.entries()) {
      if (gain === 0 || this.#heaviest[slot]?.admits(hash, gain) !== true) continue;
      row ??= {
        // A text of its own: what is cut out of a request's head would keep all of that.
        url: Buffer.from(name).toString(),
        hash,
        counts: [...gains],
        before: [absent, absent, absent],
        hits: hit ? 1 : 0,
        lastDetail: detail,
      };
      this.#takeUp(row, slot, gain);
    }
    if (row !== undefined) this.#rows.set(row.url, row);
  }

  #gain(row: UrlRow, slot: number, gain: number): void {
    row.counts[slot] = (row.counts[slot] ?? 0) + gain;
    if (row.before[slot] === absent && this.#heaviest[slot]?.admits(row.hash, gain) === true)
      this.#takeUp(row, slot, gain);
  }

  #takeUp(row: UrlRow, slot: number, gain: number): void {
    const out = this.#heaviest[slot]?.takeUp(row, gain);
    if (out?.before.every((before) => before === absent) === true) this.#rows.delete(out.url);
  }
}

/** How a URL is called here: redacted, and not too long. */
function nameOf(origin: string, target: string): string {
  const url = origin + redactedTarget(target);
  return url.length > maxUrlLength ? `${url.slice(0, maxUrlLength)}…` : url;
}

/** FNV-1a, over the characters. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

function topRow({ url, counts, before, hits, lastDetail }: UrlRow, slot: number): TopRow {
  const [requests = 0, bytes = 0, misses = 0] = counts;
  const unseen = before[slot] ?? 0;
  const row = { url, requests, hits, misses, bytes, lastDetail };
  return unseen === 0 ? row : { ...row, atMost: (counts[slot] ?? 0) + unseen };
}
