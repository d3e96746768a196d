import { isUnkeyedClaim } from '../http/claims.ts';
import { eachField, fieldValue, isToken, listMembers } from '../http/fields.ts';
import { variantKey } from '../key/nominated-fields.ts';
import { writtenHere } from '../policy/storing-rules.ts';
import { type Edit, withoutResponseFields, withResponseField } from './edit.ts';
import { shownName } from './field-names.ts';
import type { Trial } from './trial.ts';

/** Fields that have few values, or that a representation is often chosen by. */
export const usualNominated: ReadonlySet<string> = new Set(['accept', 'accept-encoding', 'accept-language', 'origin']);

/** What an origin may change about Vary (RFC 9111 §4.1), the least first. */
export const varyEdits: readonly Edit[] = [
  narrowing('vary-star', 'Name the request fields on which the content does depend.', (name) => {
    return isToken(name) && name !== '*';
  }),
  narrowing('vary-address', 'If the answer does depend on the address of the client, say `private`.', (name) => {
    return !writtenHere.has(name);
  }),
  narrowing(
    'vary-differing',
    'Only if the content does not depend on it; what has many values makes nearly every request a miss.',
    // A client that can't read a content coding must not get it: that one is never advised to be left out.
    (name, trial) => name === 'accept-encoding' || isSameIn(trial, name),
  ),
  narrowing('vary-narrow', 'Only if the content depends on nothing else.', (name) => usualNominated.has(name)),
  {
    code: 'vary-claim',
    at: 'origin',
    cost: 1,
    caution: 'Only if the answer depends on it; else have the proxy in front leave it out.',
    apply: (trial) => {
      const names = [...unkeyedClaims(trial)].map(shownName);
      return names.length === 0 ? undefined : withResponseField(trial, 'vary', [...varied(trial), ...names].join(', '));
    },
  },
];

/** The names of the claims that the request has and Vary does not name: all of them keep the response off the shelf (RFC 9111 §4.1). */
export function unkeyedClaims(trial: Trial): ReadonlySet<string> {
  const names = new Set(varied(trial).map((member) => member.toLowerCase()));
  return new Set(
    [...eachField(trial.request.fields)]
      .map(([name]) => name)
      .filter((name) => isUnkeyedClaim(name) && !names.has(name)),
  );
}

function isSameIn({ request, storing }: Trial, name: string): boolean {
  const [presented, original] = [request, storing.request].map(({ fields }) => variantKey([name], fields));
  return presented === original;
}

function narrowing(code: string, caution: string, keeps: (name: string, trial: Trial) => boolean): Edit {
  return {
    code,
    at: 'origin',
    cost: 1,
    caution,
    apply: (trial) => {
      const members = varied(trial);
      const kept = members.filter((member) => keeps(member.toLowerCase(), trial));
      if (kept.length === members.length) return undefined;
      return kept.length === 0
        ? withoutResponseFields(trial, ['vary'])
        : withResponseField(trial, 'vary', kept.join(', '));
    },
  };
}

/** The members of Vary as they are written. */
function varied({ storing }: Trial): readonly string[] {
  const vary = fieldValue(storing.response.fields, 'vary');
  return vary === undefined ? [] : listMembers(vary);
}
