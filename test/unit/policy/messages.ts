import { formatHttpDate } from '../../../src/http/date.ts';
import { eachField, fieldsOf } from '../../../src/http/fields.ts';
import type { EpochMs, RequestHead, ResponseHead } from '../../../src/http/message.ts';
import type { ExchangeTimes } from '../../../src/policy/age.ts';
import { type PolicyConfig, presets } from '../../../src/policy/config.ts';
import type { NotStorableReason } from '../../../src/policy/decision.ts';
import { storability } from '../../../src/policy/storable.ts';
import type { StoredResponse } from '../../../src/policy/stored.ts';

export type Line = readonly [name: string, value: string];

/** The two clocks when a response arrives; they differ, so that a mix-up shows. */
export const wall: EpochMs = Date.UTC(2026, 10, 22, 12, 0, 0);
export const steady: EpochMs = 1_000_000;
export const times: ExchangeTimes = { requestTime: steady, responseTime: steady, responseWallTime: wall };

/** Steady time so many seconds after the response arrived. */
export function after(seconds: number): EpochMs {
  return steady + seconds * 1000;
}

/** An HTTP-date so many seconds after the response arrived. */
export function date(seconds = 0): string {
  return formatHttpDate(wall + seconds * 1000);
}

export function get(...lines: readonly Line[]): RequestHead {
  return {
    method: 'GET',
    scheme: 'http',
    authority: 'shop.test',
    target: '/a',
    version: '1.1',
    fields: fieldsOf(['host', 'shop.test'], ...lines),
  };
}

/** A response made this very second. */
export function answer(status: number, ...lines: readonly Line[]): ResponseHead {
  return { status, fields: fieldsOf(['date', date()], ...lines) };
}

export interface Situation {
  readonly request?: RequestHead;
  readonly requestHasContent?: boolean;
  readonly response: ResponseHead;
  readonly times?: ExchangeTimes;
  readonly config?: Partial<PolicyConfig>;
}

function judged(situation: Situation): ReturnType<typeof storability> {
  const { request = get(), requestHasContent = false, response, config } = situation;
  const storing = { request, requestHasContent, response, times: situation.times ?? times, generation: 7 };
  return storability(storing, { ...presets.safe, ...config });
}

/** Why it is not stored; `stored` if it is. */
export function verdict(situation: Situation): NotStorableReason | 'stored' {
  const storable = judged(situation);
  return storable.storable ? 'stored' : storable.reason;
}

/** The stored response; it is an error of the test if there is none. */
export function store(situation: Situation): StoredResponse {
  const storable = judged(situation);
  if (!storable.storable) throw new Error(`not stored: ${storable.reason}`);
  return storable.stored;
}

/** A stored 200 with these fields. */
export function stored200(...lines: readonly Line[]): StoredResponse {
  return store({ response: answer(200, ...lines) });
}

/** The names of the stored fields, line by line. */
export function namesOf({ fields }: StoredResponse): string[] {
  return [...eachField(fields)].map(([name]) => name);
}
