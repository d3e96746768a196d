import type { ExchangeRecord, OriginAnswer, ValidationFailure } from '../../../src/engine/events.ts';
import type { Exchange } from '../../../src/engine/exchange.ts';
import { Engine } from '../../../src/engine/handle.ts';
import { onlyRoute } from '../../../src/engine/route.ts';
import { defaultLimits, type Limits } from '../../../src/engine/limits.ts';
import { NotStoredHeads } from '../../../src/engine/not-stored.ts';
import type { OrderRecord } from '../../../src/engine/orders.ts';
import { fieldsOf } from '../../../src/http/fields.ts';
import { ManualClock } from '../../../src/play/manual-clock.ts';
import { ScriptedOrigin } from '../../../src/play/scripted-origin.ts';
import { presets } from '../../../src/policy/config.ts';
import { MemoryStore } from '../../../src/store/memory.ts';
import type { Store } from '../../../src/store/store.ts';
import { exchangeWith, RecordingSink } from './recording-sink.ts';

const start = Date.UTC(2026, 0, 15, 12);
/** The one peer whose claims are believed. */
export const trustedPeer = '10.0.0.1';
export const date = ['date', new Date(start).toUTCString()] as const;

/** An engine before a scripted origin, with a clock that is moved by hand. */
export function stage(
  limits: Partial<Limits> = {},
  adapt = (store: MemoryStore): Store => store,
  mayPurge?: (address: string) => boolean,
) {
  const clock = new ManualClock(start);
  const origin = new ScriptedOrigin(() => undefined);
  const records: ExchangeRecord[] = [];
  const failures: ValidationFailure[] = [];
  const originAnswers: OriginAnswer[] = [];
  const orders: OrderRecord[] = [];
  const load = { shedsMisses: false };
  const store = new MemoryStore({ maxBytes: 2 ** 24, maxObjectBytes: 2 ** 20, maxVariants: 4 });
  const notStored = new NotStoredHeads(limits.maxNotStoredHeads ?? defaultLimits.maxNotStoredHeads, store);
  const engine = new Engine({
    routes: onlyRoute({
      origin,
      policy: presets.safe,
      forwarding: { originAuthority: 'origin.test', preserveHost: false, viaName: 'etagere-1' },
    }),
    clock,
    store: adapt(store),
    limits: { ...defaultLimits, ...limits },
    load,
    events: {
      exchangeEnded: (record) => void records.push(record),
      requestRefused: () => undefined,
      validationFailed: (failure) => void failures.push(failure),
      originAnswered: (answered) => void originAnswers.push(answered),
      notStored: (arriving, reason) => notStored.add(arriving, reason),
    },
    viaName: 'etagere-1',
    trusts: (peer) => peer === trustedPeer,
    notStored,
    orders: { orderEnded: (record) => void orders.push(record) },
    cacheName: 'etagere',
    ...(mayPurge === undefined ? {} : { mayPurge: () => mayPurge }),
  });
  const ask = (target: string, change = (exchange: Exchange): Exchange => exchange): RecordingSink => {
    const sink = new RecordingSink();
    engine.handle(change(exchangeWith(sink, target)));
    return sink;
  };
  const answer = (index: number, ...lines: (readonly [string, string])[]): void => {
    const arrival = origin.arrivals[index];
    arrival?.head({ status: 200, fields: fieldsOf(date, ...lines) });
    arrival?.end();
  };
  return { date, clock, load, origin, records, failures, originAnswers, orders, engine, ask, answer };
}
