import type { Reuse, RuleName } from '../policy/decision.ts';
import type { ExplainedAnswer } from './explanation.ts';

/** What becomes of the request, for a person, in the words of the rules. */
export function summaryOf(reuse: Reuse, { name }: RuleName, answer: ExplainedAnswer | undefined): string {
  switch (reuse.kind) {
    case 'reuse': {
      const ttl = Math.ceil(reuse.ttl);
      return reuse.detail === undefined
        ? `A hit: it is fresh for another ${ttl} s.`
        : `A hit, although stale: ${name}.`;
    }
    case 'validate':
      return reuse.selected.preconditions.length === 0
        ? `Not a hit: ${name}, and there is no validator; the origin is asked for it anew.`
        : `Not a hit: ${name}; the origin is asked whether it is still good.`;
    case 'complete':
      return `Not a hit: ${name}; the origin is asked for what is missing.`;
    case 'forward':
      return `Not a hit: ${forwardReason(reuse.fwd, name)}${whatBecomes(answer)}`;
    case 'refuse':
      return `Answered 504: ${name}, and nothing on the shelf answers it.`;
    default:
      return reuse satisfies never;
  }
}

function forwardReason(fwd: Extract<Reuse, { kind: 'forward' }>['fwd'], rule: string): string {
  if (fwd === 'uri-miss') return 'nothing is stored under this URI';
  if (fwd === 'vary-miss') return 'what is stored was made for other request fields';
  return rule;
}

function whatBecomes(answer: ExplainedAnswer | undefined): string {
  if (answer === undefined) return '.';
  if (answer.storable) return '. What the origin answered may be stored.';
  const { name } = answer.decidedBy;
  return `. What the origin answered is not stored: ${name.charAt(0).toLowerCase()}${name.slice(1).replace(/\.$/, '')}.`;
}
