import { fieldValue, type Fields } from '../http/fields.ts';
import type { EpochMs, RequestHead } from '../http/message.ts';
import { formatContentRange } from '../http/range.ts';
import { shownValue } from '../http/shown-value.ts';
import { variantKey, variantValues } from '../key/nominated-fields.ts';
import type { PolicyConfig } from '../policy/config.ts';
import { isSelectedBy, selectCandidate } from '../policy/reuse.ts';
import { standInWindow } from '../policy/stale.ts';
import { storability } from '../policy/storable.ts';
import type { LifetimeEnd, StoredResponse } from '../policy/stored.ts';
import type { Candidate, Difference, Freshness } from './explanation.ts';
import { shownName } from './field-names.ts';
import { freshnessOf } from './freshness.ts';
import { storingOf } from './trial.ts';

/** What candidates are looked at with. */
export interface Presented {
  readonly request: RequestHead;
  readonly now: EpochMs;
  readonly config: PolicyConfig;
}

/** Every stored response of the key: whether it was selected, and why not (RFC 9111 §4.1). The selected one is first. */
export function explainCandidates(stored: readonly StoredResponse[], presented: Presented): Candidate[] {
  const selected = selectCandidate(presented.request, stored);
  const ordered = selected === undefined ? stored : [selected, ...stored.filter((each) => each !== selected)];
  return ordered.map((each) => explainCandidate(each, selected, presented));
}

function explainCandidate(
  stored: StoredResponse,
  selected: StoredResponse | undefined,
  { request, now, config }: Presented,
): Candidate {
  const isSelected = stored === selected;
  const differs = differences(stored, request);
  const { entityTag, extent } = stored;
  const lastModified = fieldValue(stored.fields, 'last-modified');
  return {
    status: stored.status,
    selected: isSelected,
    because: isSelected ? whySelected(stored, request) : whyNot(differs),
    differs: differs.map(shownDifference),
    ...currentFreshness(stored, { request, now, config }),
    alwaysValidate: stored.alwaysValidate,
    staleWhileRevalidate: stored.staleWhileRevalidate,
    staleIfError: standInWindow(stored, config, 'server-error'),
    staleIfUnreachable: standInWindow(stored, config, 'unreachable'),
    staleIfTooManyRequests: standInWindow(stored, config, 'too-many-requests'),
    ...(extent === undefined ? {} : { part: formatContentRange(extent, extent.length) }),
    ...(entityTag === undefined ? {} : { etag: entityTag.text }),
    ...(lastModified === undefined ? {} : { lastModified }),
  };
}

/** Also of a lifetime that was ended: what it was reckoned from does not stand in the record any more, and is judged anew. */
function currentFreshness(stored: StoredResponse, { request, now, config }: Presented): Freshness {
  const freshness = freshnessOf(stored, now, config);
  if (stored.ended === undefined) return freshness;
  const judged = storability(storingOf(stored, request), config);
  const { from } = judged.storable ? freshnessOf(judged.stored, now, config).lifetime : freshness.lifetime;
  return { ...freshness, lifetime: { ...freshness.lifetime, from: `${from}; ${endings[stored.ended]}` } };
}

const endings: Readonly<Record<LifetimeEnd, string>> = {
  purged: 'ended early: purged',
  outdated: 'ended early: the origin has said since that it is outdated',
};

function whySelected(stored: StoredResponse, request: RequestHead): string {
  if (!isSelectedBy(request, stored)) return 'it is in the language that the request prefers above all others';
  const names = stored.nominatedFields.map(shownName).join(', ');
  return names === '' ? 'it nominates no request fields' : `its nominated fields match: ${names}`;
}

function whyNot(differs: readonly Difference[]): string {
  const names = differs.map(({ field }) => shownName(field)).join(', ');
  return names === ''
    ? 'it matches, but another that matches is preferred: a more recent one, or one that nominates fields'
    : `it was made for another ${names}`;
}

/** The nominated fields in which the request differs from the one that the response was made for. */
export function differences(stored: StoredResponse, request: RequestHead): Difference[] {
  const before = variantValues(stored.variant);
  const presented = variantValues(variantKey(stored.nominatedFields, request.fields));
  return stored.nominatedFields
    .filter((field) => before.get(field) !== presented.get(field))
    .map((field) => ({ field, stored: before.get(field) ?? null, presented: presented.get(field) ?? null }));
}

function shownDifference({ field, stored, presented }: Difference): Difference {
  return { field, stored: shownOrNull(field, stored), presented: shownOrNull(field, presented) };
}

function shownOrNull(field: string, value: string | null): string | null {
  return value === null ? null : shownValue(field, value);
}

/** The values that the request has in all fields that are nominated by any of these. */
export function nominatedValues(stored: readonly StoredResponse[], request: Fields): Record<string, string | null> {
  const names = [...new Set(stored.flatMap(({ nominatedFields }) => nominatedFields))].sort();
  const values = variantValues(variantKey(names, request));
  return Object.fromEntries(names.map((name) => [name, shownOrNull(name, values.get(name) ?? null)]));
}
