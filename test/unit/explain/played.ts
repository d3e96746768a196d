import { Readable } from 'node:stream';
import type { Change } from '../../../src/explain/advice.ts';
import { explain } from '../../../src/explain/explain.ts';
import type { Explanation } from '../../../src/explain/explanation.ts';
import { Engine } from '../../../src/engine/handle.ts';
import { defaultLimits, type Limits } from '../../../src/engine/limits.ts';
import { onlyRoute } from '../../../src/engine/route.ts';
import { NotStoredHeads } from '../../../src/engine/not-stored.ts';
import { formatHttpDate } from '../../../src/http/date.ts';
import { type Fields, fieldsOf, fieldValue, withField, withLine, withoutFields } from '../../../src/http/fields.ts';
import type { RequestHead } from '../../../src/http/message.ts';
import { ManualClock } from '../../../src/play/manual-clock.ts';
import { ScriptedOrigin } from '../../../src/play/scripted-origin.ts';
import { type PolicyConfig, presets } from '../../../src/policy/config.ts';
import { MemoryStore } from '../../../src/store/memory.ts';
import { RecordingSink } from '../engine/recording-sink.ts';

type Line = readonly [name: string, value: string];

/** What the clients of a cache and its origin say; the second request may say something else, and later. */
export interface Scene {
  readonly status: number;
  readonly response: Fields;
  readonly first: Asking;
  readonly second: Asking;
  readonly config: PolicyConfig;
  readonly limits: Limits;
  /** Between the two. */
  readonly laterMs: number;
}

interface Asking {
  readonly method: string;
  readonly fields: Fields;
  readonly hasContent: boolean;
}

export interface SceneLines {
  readonly status?: number;
  readonly method?: string;
  readonly request?: readonly Line[];
  readonly hasContent?: boolean;
  /** Of the second request, where that is another one. */
  readonly later?: readonly Line[];
  readonly response?: readonly Line[];
  readonly config?: Partial<PolicyConfig>;
  readonly limits?: Partial<Limits>;
  readonly laterMs?: number;
}

export const start = Date.UTC(2026, 0, 15, 12);

export function scene(lines: SceneLines): Scene {
  const { status = 200, method = 'GET', request = [], hasContent = false, response = [], laterMs = 0 } = lines;
  const host = ['host', 'shop.test'] as const;
  return {
    status,
    response: fieldsOf(...response),
    first: { method, hasContent, fields: fieldsOf(host, ...request) },
    second: { method, hasContent, fields: fieldsOf(host, ...(lines.later ?? request)) },
    config: { ...presets.safe, ...lines.config },
    limits: { ...defaultLimits, ...lines.limits },
    laterMs,
  };
}

export interface Played {
  /** Cache-Status of the two answers. */
  readonly first: string;
  readonly second: string;
  /** Of the second request, before it was made. */
  readonly explanation: Explanation;
}

/** Plays a scene on the engine, with a clock that is moved by hand: nothing of it is the explanation's own. */
export async function played(whole: Scene): Promise<Played> {
  const { first, ask, inspect } = await shelved(whole);
  const explanation = await inspect();
  return { first, second: ask(whole.second), explanation };
}

/** The scene before its second request. */
export async function shelved({ status, response, first, second, config, limits, laterMs }: Scene) {
  const clock = new ManualClock(start);
  const origin = new ScriptedOrigin(() => undefined);
  const engine = engineWith({ clock, origin, config, limits });
  const ask = ({ method, fields, hasContent }: Asking): string => {
    const sink = new RecordingSink();
    const content = hasContent ? Readable.from([Buffer.from('x')]) : null;
    engine.handle({ request: requestOf(method, fields), content, client: { address: '127.0.0.1' }, sink });
    if (sink.heads.length === 0) {
      const arrival = origin.arrivals.at(-1);
      arrival?.head({ status, fields: withDate(response, clock.wall()) });
      arrival?.end();
    }
    const [head] = sink.heads;
    return head === undefined ? 'no answer' : (fieldValue(head.fields, 'cache-status') ?? '');
  };
  const firstStatus = ask(first);
  await clock.advance(laterMs, () => Promise.resolve());
  const request = requestOf(second.method, second.fields);
  const inspect = async (): Promise<Explanation> =>
    explain(await engine.operations.inspect(request), { request, hasContent: second.hasContent });
  return { engine, ask, inspect, first: firstStatus };
}

interface Surroundings extends Pick<Scene, 'config' | 'limits'> {
  readonly clock: ManualClock;
  readonly origin: ScriptedOrigin;
}

function engineWith({ clock, origin, config, limits }: Surroundings): Engine {
  const store = new MemoryStore({ maxBytes: 2 ** 20, maxObjectBytes: 2 ** 16, maxVariants: 4 });
  const notStored = new NotStoredHeads(limits.maxNotStoredHeads, store);
  return new Engine({
    routes: onlyRoute({
      origin,
      policy: config,
      forwarding: { originAuthority: 'origin.test', preserveHost: false, viaName: 'etagere-1' },
    }),
    clock,
    store,
    limits,
    events: {
      exchangeEnded() {},
      requestRefused() {},
      validationFailed() {},
      originAnswered() {},
      notStored: (arriving, reason) => notStored.add(arriving, reason),
    },
    viaName: 'etagere-1',
    trusts: () => true,
    cacheName: 'etagere',
    notStored,
  });
}

function withDate(fields: Fields, wall: number): Fields {
  return fieldValue(fields, 'date') === undefined ? withLine(fields, 'date', formatHttpDate(wall)) : fields;
}

function requestOf(method: string, fields: Fields): RequestHead {
  return { method, scheme: 'http', authority: 'shop.test', target: '/a', version: '1.1', fields };
}

/** The scene as it is once somebody has done what was advised: in the origin for both requests, in a client for the second, or for both where they are alike. */
export function changed(before: Scene, changes: readonly Change[]): Scene {
  return changes.reduce(afterChange, before);
}

function afterChange(before: Scene, { at, what, after }: Change): Scene {
  const name = what.toLowerCase();
  if (at === 'origin') return { ...before, response: edited(before.response, name, after) };
  if (at === 'configuration') return { ...before, config: { ...before.config, ...configOf(what, after) } };
  const change = (asking: Asking): Asking => {
    if (what === 'method') return { ...asking, method: after ?? '' };
    if (what === 'content') return { ...asking, hasContent: false };
    return { ...asking, fields: edited(asking.fields, name, after) };
  };
  return { ...before, first: change(before.first), second: change(before.second) };
}

function edited(fields: Fields, name: string, after: string | null): Fields {
  return after === null ? withoutFields(fields, new Set([name])) : withField(fields, name, after);
}

function configOf(flag: string, value: string | null): Partial<PolicyConfig> {
  if (flag === 'ttl')
    return { ttl: { lifetime: Number(/lifetime: (\d+)s/.exec(value ?? '')?.[1]), force: true, notFound: undefined } };
  if (flag === '--default-ttl') return { defaultTtl: Number.parseInt(value ?? '', 10) };
  if (flag === '--stale-beside-s-maxage') return { staleBesideSMaxage: true };
  throw new Error(`no flag of a scene: ${flag}`);
}
