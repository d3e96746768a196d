import type { EngineEvents } from '../engine/events.ts';

/** Tells both of everything. */
export function fanOut(first: EngineEvents, second: EngineEvents): EngineEvents {
  return {
    exchangeEnded(record) {
      first.exchangeEnded(record);
      second.exchangeEnded(record);
    },
    validationFailed(failure) {
      first.validationFailed(failure);
      second.validationFailed(failure);
    },
    originAnswered(answer) {
      first.originAnswered(answer);
      second.originAnswered(answer);
    },
    requestRefused(record) {
      first.requestRefused(record);
      second.requestRefused(record);
    },
  };
}
