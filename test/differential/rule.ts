import type { Answered, Asked, Control, Scenario } from './scenario.ts';
import type { Seconds } from '../../src/http/message.ts';

/** A row of the list in docs/http-cache-semantics.md. */
export interface Claim {
  readonly name: string;
  readonly section: string;
  /** `both`: the RFC permits either. */
  readonly right: 'etagere' | 'both';
  readonly why: string;
}

/**
 * A reason for which the bare library and this cache may answer differently. It says so by mending the scenario: with everything mended to which a
 * rule applies, the library must come to our answer. So a rule can't excuse more than it says.
 */
export interface Rule extends Claim {
  readonly when: (scenario: Scenario) => boolean;
  readonly mend: (scenario: Scenario) => Scenario;
}

/** The response that is judged in a scenario: as it came, or as a 304 has made it. */
export interface Judged {
  readonly by: Asked;
  readonly message: Answered;
  /** After the first response. */
  readonly arrival: Seconds;
  readonly delay: Seconds;
}

/** Undefined where a 304 has not been merged. */
export function judgedIn({ original, response, delay, update }: Scenario): Judged | undefined {
  if (update === undefined) return { by: original, message: response, arrival: 0, delay };
  return update.merged === undefined
    ? undefined
    : { by: update.by, message: update.merged, arrival: update.after, delay: 0 };
}

/** The scenario with another message in place of the judged one. */
export function judging(scenario: Scenario, message: Answered): Scenario {
  const { update } = scenario;
  return update === undefined
    ? { ...scenario, response: message }
    : { ...scenario, update: { ...update, merged: message } };
}

/** The scenario with another request in place of the one that brought the judged response. */
export function broughtBy(scenario: Scenario, asked: Asked): Scenario {
  const { update } = scenario;
  return update === undefined ? { ...scenario, original: asked } : { ...scenario, update: { ...update, by: asked } };
}

/** Every response as it came. */
export function answeredIn({ response, update }: Scenario): readonly Answered[] {
  return update === undefined ? [response] : [response, update.news];
}

export function askedIn({ original, presented, update }: Scenario): readonly Asked[] {
  return update === undefined ? [original, presented] : [original, presented, update.by];
}

/** The Cache-Control of every message that has one. */
export function controlsIn(scenario: Scenario): readonly Control[] {
  return [...answeredIn(scenario), ...askedIn(scenario)].flatMap(({ control }) =>
    control === undefined ? [] : [control],
  );
}

/** The scenario with every response as it came changed. */
export function mapAnswered(scenario: Scenario, change: (answered: Answered) => Answered): Scenario {
  const { update } = scenario;
  return {
    ...scenario,
    response: change(scenario.response),
    update: update && { ...update, news: change(update.news) },
  };
}

export function mapAsked(scenario: Scenario, change: (asked: Asked) => Asked): Scenario {
  const { update } = scenario;
  return {
    ...scenario,
    original: change(scenario.original),
    presented: change(scenario.presented),
    update: update && { ...update, by: change(update.by) },
  };
}

/** The scenario with every Cache-Control changed. */
export function mapControls(scenario: Scenario, change: (control: Control) => Control): Scenario {
  const mend = <T extends Asked | Answered>(message: T): T =>
    message.control === undefined ? message : { ...message, control: change(message.control) };
  return mapAnswered(mapAsked(scenario, mend), mend);
}

/** A rule that is about the judged response. */
export function aboutJudged(
  rule: Claim & {
    readonly when: (judged: Judged, scenario: Scenario) => boolean;
    readonly mend: (judged: Judged, scenario: Scenario) => Scenario;
  },
): Rule {
  return {
    ...rule,
    when: (scenario) => {
      const judged = judgedIn(scenario);
      return judged !== undefined && rule.when(judged, scenario);
    },
    mend: (scenario) => {
      const judged = judgedIn(scenario);
      return judged === undefined ? scenario : rule.mend(judged, scenario);
    },
  };
}
