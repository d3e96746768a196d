import { withField, withoutFields } from '../http/fields.ts';
import type { ResponseHead } from '../http/message.ts';
import type { Trial } from './trial.ts';

/** One small change that may turn a miss into a hit. Whether it does is tried, never believed. */
export interface Edit {
  /** A stable word. */
  readonly code: string;
  readonly at: 'origin' | 'client' | 'configuration';
  /** How much it asks of somebody: most edits are 1. */
  readonly cost: number;
  /** What to think of before doing so; in Markdown. */
  readonly caution: string;
  /** Undefined where there is nothing to change. */
  readonly apply: (trial: Trial) => Trial | undefined;
}

/** The trial with another response. */
export function withResponse(trial: Trial, response: ResponseHead): Trial {
  return { ...trial, storing: { ...trial.storing, response } };
}

/** The trial with one line of that name in the response. */
export function withResponseField(trial: Trial, name: string, value: string): Trial {
  const { status, fields } = trial.storing.response;
  return withResponse(trial, { status, fields: withField(fields, name, value) });
}

/** The trial without these fields of the response; undefined where it has none of them. */
export function withoutResponseFields(trial: Trial, names: readonly string[]): Trial | undefined {
  const { status, fields } = trial.storing.response;
  const left = withoutFields(fields, new Set(names));
  return left.length === fields.length ? undefined : withResponse(trial, { status, fields: left });
}

/** The trial without these fields of the request; undefined where it has none of them. */
export function withoutRequestFields(trial: Trial, names: ReadonlySet<string>): Trial | undefined {
  const { request } = trial;
  const fields = withoutFields(request.fields, names);
  return fields.length === request.fields.length ? undefined : { ...trial, request: { ...request, fields } };
}
