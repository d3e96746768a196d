import type { Claim, Rule } from './rule.ts';
import { type Asked, has, wantingValidation, without } from './scenario.ts';

/** A rule that is about the request which may be answered from the shelf. */
function aboutPresented(
  rule: Claim & {
    readonly when: (presented: Asked) => boolean;
    readonly mend: (presented: Asked) => Asked;
  },
): Rule {
  return {
    ...rule,
    when: ({ presented }) => rule.when(presented),
    mend: (scenario) => ({ ...scenario, presented: rule.mend(scenario.presented) }),
  };
}

export const presentedRules: readonly Rule[] = [
  aboutPresented({
    name: 'HEAD for a stored GET',
    section: 'RFC 9110 §9.3.2',
    right: 'etagere',
    why: 'it is answered from it',
    when: ({ method }) => method === 'HEAD',
    mend: (presented) => ({ ...presented, method: 'GET' }),
  }),
  aboutPresented({
    name: 'Pragma beside Cache-Control',
    section: 'RFC 9111 §5.4',
    right: 'both',
    why: 'it is deprecated, and was never to count beside Cache-Control',
    when: ({ control, pragma }) => pragma !== undefined && (control?.length ?? 0) > 0,
    mend: (presented) => ({ ...presented, pragma: undefined }),
  }),
  {
    name: 'max-stale by default',
    section: 'RFC 9111 §5.2.1.2',
    right: 'both',
    why: 'it is advisory; by default no client makes us serve stale, with `--preset rfc` it does',
    when: ({ preset, presented }) => preset === 'safe' && has(presented.control, 'max-stale'),
    mend: (scenario) => {
      const { presented } = scenario;
      return { ...scenario, presented: { ...presented, control: without(presented.control, 'max-stale') } };
    },
  },
  aboutPresented({
    name: 'a request that can not be read',
    section: 'RFC 9111 §5.2',
    right: 'etagere',
    why: 'in doubt it asks for validation',
    when: ({ control }) => control?.some(({ kind }) => kind === 'broken') === true,
    mend: wantingValidation,
  }),
  aboutPresented({
    name: 'a presented request with content',
    section: 'RFC 9110 §9.3.1',
    right: 'etagere',
    why: 'its content may be what is answered, and is no part of the key; the library does not see it',
    when: ({ hasContent }) => hasContent,
    mend: wantingValidation,
  }),
  aboutPresented({
    name: 'preconditions for the origin',
    section: 'RFC 9111 §4.3.2',
    right: 'etagere',
    why: 'If-Match and If-Unmodified-Since are not for a cache to evaluate',
    when: ({ ifMatch }) => ifMatch,
    mend: wantingValidation,
  }),
];
