import { parseCacheControl } from '../http/cache-control.ts';
import { fieldValue } from '../http/fields.ts';
import type { RequestHead } from '../http/message.ts';
import type { PolicyConfig } from '../policy/config.ts';
import { responseDates } from '../policy/semantics.ts';
import { storability } from '../policy/storable.ts';
import { responseControl } from '../policy/targeted.ts';
import type { Finding, LintRule, Seen, SeenAnswer } from './finding.ts';
import { controlRules } from './lint-control.ts';
import { sharingRules } from './lint-sharing.ts';
import { validatorRules } from './lint-validators.ts';

/** Every rule of the linter. */
export const lintRules: readonly LintRule[] = [...sharingRules, ...controlRules, ...validatorRules];

/** Answers of an origin to one and the same request. */
export interface Linted {
  readonly request: RequestHead;
  readonly answer: SeenAnswer;
  /** The answer to the same, asked again at once. */
  readonly again: SeenAnswer | undefined;
  readonly config: PolicyConfig;
}

const severities: readonly Finding['severity'][] = ['error', 'warning', 'info'];

/** What is wrong with a response, or unwise, for any cache that it may meet; the worst first. */
export function lint({ request, answer, again, config }: Linted): Finding[] {
  const { response, times } = answer;
  const { control, source } = responseControl(response.fields);
  const judged = storability({ request, requestHasContent: false, response, times, generation: 0 }, config);
  const seen: Seen = {
    request,
    status: response.status,
    fields: response.fields,
    control,
    source,
    plain: parseCacheControl(fieldValue(response.fields, 'cache-control')),
    dates: responseDates(response.fields, times.responseWallTime),
    stored: judged.storable ? judged.stored : undefined,
    answer,
    again,
    config,
  };
  const found = lintRules.flatMap(({ code, severity, section, look }) => {
    const said = look(seen);
    return said === undefined ? [] : [{ code, severity, section, ...said }];
  });
  return severities.flatMap((severity) => found.filter((finding) => finding.severity === severity));
}
