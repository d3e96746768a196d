import { cacheStatusMember } from '../http/cache-status.ts';
import { eachField, type Fields } from '../http/fields.ts';
import type { PolicyConfig } from '../policy/config.ts';
import type { Edit } from './edit.ts';
import { shownLines, shownName } from './field-names.ts';
import { originEdits } from './origin-edits.ts';
import { clientEdits, configurationEdits } from './request-edits.ts';
import { outcomeOf, type Trial, type TriedHit } from './trial.ts';

/** Changes that together make the next request a hit, as the policy itself has judged. */
export interface Advice {
  /** Stable words for what is done, in order. */
  readonly codes: readonly string[];
  readonly changes: readonly Change[];
  /** What to think of before. */
  readonly cautions: readonly string[];
  /** The member of Cache-Status that the next request gets then. */
  readonly cacheStatus: string;
}

/** One line to send otherwise, or one setting of the cache. */
export interface Change {
  readonly at: Edit['at'];
  /** A field of the response or of the request; `method` or `content` of the request; a flag, or a setting that has none. */
  readonly what: string;
  /** What a setting of the cache is called in a configuration file. */
  readonly setting?: string;
  /** null where it was not there. */
  readonly before: string | null;
  /** null where it is to be left out. */
  readonly after: string | null;
}

const edits: readonly Edit[] = [...originEdits, ...clientEdits, ...configurationEdits];

/** Beyond this it is no small change, and trying them all would take long. */
const maxCost = 4;
const maxEdits = 3;

/** Alternatives that are worth reading. */
const maxAlternatives = 4;

interface Attempt {
  readonly edits: readonly Edit[];
  readonly trial: Trial;
}

/**
 * The smallest changes that make it a hit, each by itself enough, found by trying: each edit alone, then two, then three, until some suffice; of those the first
 * `maxAlternatives`. Empty where it is a hit already, and where nothing that is known would do.
 */
export function advise(trial: Trial): Advice[] {
  if (outcomeOf(trial) !== undefined) return [];
  for (let cost = 1; cost <= maxCost; cost++) {
    const found = new Map<string, Advice>();
    for (const attempt of extended({ edits: [], trial }, edits, cost)) {
      const hit = outcomeOf(attempt.trial);
      if (hit === undefined) continue;
      const advice = adviceOf(attempt, trial, hit);
      const same = JSON.stringify(advice.changes);
      if (!found.has(same)) found.set(same, advice);
    }
    if (found.size > 0) return [...found.values()].slice(0, maxAlternatives);
  }
  return [];
}

/** Every choice of edits that costs just so much beside those before, in their order. One may have something to do only after another. */
function* extended(before: Attempt, following: readonly Edit[], cost: number): Generator<Attempt> {
  if (cost === 0) yield before;
  if (cost <= 0 || before.edits.length === maxEdits) return;
  for (const [index, edit] of following.entries()) {
    if (edit.cost > cost) continue;
    const trial = edit.apply(before.trial);
    if (trial !== undefined)
      yield* extended({ edits: [...before.edits, edit], trial }, following.slice(index + 1), cost - edit.cost);
  }
}

function adviceOf(attempt: Attempt, before: Trial, { ttl, detail }: TriedHit): Advice {
  const status = { hit: true, ttl: Math.ceil(ttl), ...(detail === undefined ? {} : { detail }) };
  return {
    codes: attempt.edits.map(({ code }) => code),
    changes: changesBetween(before, attempt.trial),
    cautions: attempt.edits.map(({ caution }) => caution),
    cacheStatus: cacheStatusMember('etagere', status),
  };
}

function changesBetween(before: Trial, after: Trial): Change[] {
  const changes = [
    ...fieldChanges('origin', before.storing.response.fields, after.storing.response.fields),
    ...fieldChanges('client', before.request.fields, after.request.fields),
  ];
  const [from, to] = [before.request.method, after.request.method];
  if (from !== to) changes.push({ at: 'client', what: 'method', before: from, after: to });
  if (before.hasContent !== after.hasContent)
    changes.push({ at: 'client', what: 'content', before: 'some', after: null });
  return [...changes, ...settingChanges(before.config, after.config)];
}

function fieldChanges(at: Edit['at'], before: Fields, after: Fields): Change[] {
  const names = new Set([...eachField(before), ...eachField(after)].map(([name]) => name));
  return [...names].flatMap((name) => {
    const [from, to] = [shownLines(before, name) ?? null, shownLines(after, name) ?? null];
    return from === to ? [] : [{ at, what: shownName(name), before: from, after: to }];
  });
}

function settingChanges(before: PolicyConfig, after: PolicyConfig): Change[] {
  const changes: Change[] = [];
  const change = (setting: string, what: string, from: string | null, to: string): unknown =>
    changes.push({ at: 'configuration', what, setting, before: from, after: to });
  if (before.defaultTtl !== after.defaultTtl)
    change('defaultTtl', '--default-ttl', `${before.defaultTtl}s`, `${after.defaultTtl}s`);
  if (before.staleBesideSMaxage !== after.staleBesideSMaxage)
    change('staleBesideSMaxage', '--stale-beside-s-maxage', null, 'true');
  const [from, to] = [before.ttl, after.ttl];
  if (from !== undefined && to !== undefined && from.force !== to.force)
    change('ttl', 'ttl', `${from.lifetime}s`, `{ lifetime: ${to.lifetime}s, force: true }`);
  return changes;
}
