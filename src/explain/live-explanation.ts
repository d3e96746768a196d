import type { Explanation } from './explanation.ts';
import type { Finding } from './finding.ts';

/** What `GET /v1/explain` answers. */
export interface LiveExplanation extends Explanation {
  /** What a linter says of the response that is known, the worst first. */
  readonly findings: readonly Finding[];
}
