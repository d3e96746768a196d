import { EtagereError } from '../errors.ts';
import { errorDetail } from '../policy/decision.ts';
import type { Answer } from './answer.ts';
import type { EngineEvents } from './events.ts';

/** What nobody foresaw, as the error that a client is told: nothing of it but that it was. */
export function faultOf(cause: unknown): EtagereError {
  return cause instanceof EtagereError ? cause : new EtagereError('INTERNAL', 'a fault of Etagere', { cause });
}

/** Ends an answer in whose making something was thrown, so that this costs nobody else anything. */
export function failWithFault(answer: Answer, cause: unknown, events: Pick<EngineEvents, 'faulted'>): void {
  const error = faultOf(cause);
  events.faulted?.(cause);
  answer.fail(error, { hit: false, detail: errorDetail(error.code) });
}
