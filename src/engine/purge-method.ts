import { EtagereError } from '../errors.ts';
import { wasForwarded } from '../http/claims.ts';
import { formatHttpDate } from '../http/date.ts';
import { type Fields, fieldsOf, fieldValue, hasField } from '../http/fields.ts';
import type { EpochMs, RequestHead } from '../http/message.ts';
import { errorDetail } from '../policy/decision.ts';
import { urlOfTarget } from '../key/target-uri.ts';
import type { Answer } from './answer.ts';
import type { Clock } from './clock.ts';
import type { Peer } from './exchange.ts';
import type { Operations, PurgeMode, Selection } from './operations.ts';
import type { OrderEvents } from './orders.ts';

/** Whether a client at an address may, as it is now; undefined: it is off. */
export type MayPurge = () => ((address: string) => boolean) | undefined;

export interface PurgeMethodParts {
  readonly operations: Pick<Operations, 'purge'>;
  readonly clock: Pick<Clock, 'wall' | 'steady'>;
  readonly mayPurge: MayPurge;
  /** Absent where nobody wants to know. What is refused is known by its exchange. */
  readonly orders?: OrderEvents;
}

/**
 * PURGE, which has no RFC: caches take it for an order to purge the target, and so it never goes to an origin. Soft, unless `Purge-Mode: hard`. Its answer is a
 * receipt as JSON.
 */
export class PurgeMethod {
  readonly #parts: PurgeMethodParts;

  constructor(parts: PurgeMethodParts) {
    this.#parts = parts;
  }

  /** @param presented The request with everything that its client says of itself. */
  async answer(answer: Answer, presented: RequestHead): Promise<void> {
    const mode = this.#refusal(presented, answer.exchange.client) ?? modeOf(presented);
    if (mode instanceof EtagereError) {
      fail(answer, mode);
      return;
    }
    const { operations, clock, orders } = this.#parts;
    const selection: Selection = { kind: 'url', url: urlOfTarget(presented) };
    const began = clock.steady();
    const done = await operations
      .purge(selection, mode)
      .catch((error: unknown) => new EtagereError('INTERNAL', 'the purge failed', { cause: error }));
    orders?.orderEnded({
      order: { kind: 'purge', asked: { selection, mode } },
      outcome: done instanceof EtagereError ? { kind: 'refused', error: done.code } : { kind: 'purged', receipt: done },
      from: answer.exchange.client,
      durationMs: clock.steady() - began,
    });
    if (done instanceof EtagereError) fail(answer, done);
    else send(answer, Buffer.from(`${JSON.stringify(done)}\n`), clock.wall());
  }

  #refusal(presented: RequestHead, { address }: Peer): EtagereError | undefined {
    const mayPurge = this.#parts.mayPurge();
    if (mayPurge === undefined) {
      return new EtagereError('PURGE_OFF', 'without --purge-from it is neither obeyed nor forwarded');
    }
    if (!mayPurge(address)) return new EtagereError('PURGE_FORBIDDEN', `${address} is not in --purge-from`);
    // The address that may purge is that of the proxy, and its clients are anybody.
    if (wasForwarded(presented.fields)) return new EtagereError('PURGE_FORBIDDEN', 'it came by way of a proxy');
    return isOfPage(presented.fields)
      ? new EtagereError('PURGE_FORBIDDEN', 'a browser sent it for a page, whose author may be anybody')
      : undefined;
  }
}

/** Whether a page in a browser sent it: of any origin, as what the origin's pages run is not the operator's either. Whoever purges by hand or by program says neither. */
function isOfPage(fields: Fields): boolean {
  return hasField(fields, 'origin') || hasField(fields, 'sec-fetch-site');
}

function modeOf({ fields }: RequestHead): PurgeMode | EtagereError {
  const mode = fieldValue(fields, 'purge-mode') ?? 'soft';
  return mode === 'soft' || mode === 'hard'
    ? mode
    : new EtagereError('PURGE_MODE_UNKNOWN', 'Purge-Mode is soft or hard');
}

function fail(answer: Answer, error: EtagereError): void {
  answer.fail(error, { hit: false, detail: errorDetail(error.code) });
}

function send(answer: Answer, content: Buffer, now: EpochMs): void {
  const fields = fieldsOf(
    ['content-type', 'application/json'],
    ['content-length', String(content.length)],
    ['cache-control', 'no-store'],
    ['date', formatHttpDate(now)],
  );
  answer.head({ status: 200, fields }, { hit: false, detail: 'purge' });
  answer.write(content);
  answer.end();
}
