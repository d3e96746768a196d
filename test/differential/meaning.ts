import { type Answered, type Control, has, plain, type Scenario, without } from './scenario.ts';

/** What a response means once its spelling is mended, and responses that mean something else. */

/** RFC 9110 §15.1, without 206. */
export const heuristicallyCacheable = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501]);

/** The message with another Cache-Control. */
export function withControl(message: Answered, control: Control): Answered {
  return { ...message, control };
}

/** The message, marked as one that is not stored. */
export function forbidden(message: Answered): Answered {
  return withControl(message, [...without(message.control, 'must-understand'), plain('no-store')]);
}

/** `Pragma: no-cache` in a response counts for no-cache where there is no Cache-Control. */
const pragmaCounts = ({ control, pragma }: Answered): boolean => control === undefined && pragma === 'no-cache';

/** Whether it may never be reused without validation (RFC 9111 §5.2.2.4). */
export const wantsValidation = (message: Answered): boolean =>
  has(message.control, 'no-cache') || pragmaCounts(message);

/** Whether it tells its lifetime (RFC 9111 §4.2.1). */
export const hasExplicitLifetime = ({ control, expires }: Answered): boolean =>
  has(control, 'max-age', 's-maxage') || expires !== undefined;

/** The scenario in which the presented request does not accept a stale response. */
export function withoutMaxStale(scenario: Scenario): Scenario {
  const { presented } = scenario;
  return presented.control === undefined
    ? scenario
    : { ...scenario, presented: { ...presented, control: without(presented.control, 'max-stale') } };
}
