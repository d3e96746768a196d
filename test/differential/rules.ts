import { directiveRules } from './directive-rules.ts';
import { presentedRules } from './presented-rules.ts';
import { reuseRules } from './reuse-rules.ts';
import type { Rule } from './rule.ts';
import { spellingRules } from './spelling-rules.ts';
import { storingRules } from './storing-rules.ts';
import { updateRules } from './update-rules.ts';

/** The closed list, in the order in which they mend: each finds mended what those before it are about. */
export const rules: readonly Rule[] = [
  ...spellingRules,
  ...updateRules,
  ...presentedRules,
  ...directiveRules,
  ...storingRules,
  ...reuseRules,
];
