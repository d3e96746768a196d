import { hasDirective, qualifiedNames } from '../http/cache-control.ts';
import { tagFields } from '../policy/tags.ts';
import { responseControl } from '../policy/targeted.ts';
import { type Directives, known, lifetimeDirective, withDirective, withDirectives, without } from './directives.ts';
import { type Edit, withoutResponseFields, withResponse } from './edit.ts';
import { ageOf, type Trial } from './trial.ts';
import { varyEdits } from './vary-edits.ts';

/** What an origin may change, the least first: of two that cost the same the earlier is preferred. */
export const originEdits: readonly Edit[] = [
  {
    code: 'mend-cache-control',
    at: 'origin',
    cost: 1,
    caution: 'This is what could be read of it; add what the rest was to say.',
    apply: (trial) => {
      const { control } = responseControl(trial.storing.response.fields);
      return control.malformed ? rewritten(trial, known(control.directives)) : undefined;
    },
  },
  lifetimeEdit({
    code: 'lifetime',
    caution: 'How long is yours to say; this is the first usual figure that is enough.',
    suits: (status) => status < 500,
  }),
  lifetimeEdit({
    code: 'error-lifetime',
    caution: 'Everybody gets the error for that long, also when the origin is well again: a few seconds, if at all.',
    suits: (status) => status >= 500,
  }),
  directiveLess('no-store', 'Only if it may lie on a shelf, and everyone may see it.'),
  directiveLess('private', 'Only if everyone may see it.'),
  directiveLess('no-cache', 'Only if it may be used for a while without asking the origin.'),
  directiveLess('must-understand', 'It forbids to store a status that a cache does not know.'),
  {
    code: 'set-cookie',
    at: 'origin',
    cost: 1,
    caution: 'The best there is, where the response is the same for everybody: an image or a script needs no cookie.',
    apply: (trial) => withoutResponseFields(trial, ['set-cookie']),
  },
  {
    code: 'public',
    at: 'origin',
    cost: 1,
    caution: 'Only if the content is the same for everyone. Those who are answered from the shelf get no Set-Cookie.',
    apply: (trial) => {
      const { control } = responseControl(trial.storing.response.fields);
      if (hasDirective(control, 'public')) return undefined;
      return changed(trial, (directives) => new Map([['public', [null]], ...directives]));
    },
  },
  ...varyEdits,
  {
    code: 'cache-groups',
    at: 'origin',
    cost: 1,
    caution: 'An invalidation by group does not reach it then; naming fewer is better.',
    apply: (trial) => withoutResponseFields(trial, ['cache-groups']),
  },
  {
    code: 'tags',
    at: 'origin',
    cost: 1,
    caution: 'A purge by tag does not reach it then; sending fewer is better.',
    apply: (trial) => withoutResponseFields(trial, tagFields),
  },
  {
    code: 'stale-while-revalidate',
    at: 'origin',
    cost: 1,
    caution: 'It is served stale, and validated in the background meanwhile.',
    apply: (trial) =>
      trial.isOwn
        ? undefined
        : changed(trial, (directives) => withDirective(directives, 'stale-while-revalidate', enough(trial))),
  },
  {
    code: 'replace-cache-control',
    at: 'origin',
    cost: 3,
    caution: 'Nearly everything in it forbids what you want: say it anew, if everyone may see the response.',
    apply: (trial) => rewritten(trial, withDirective(new Map([['public', [null]]]), 'max-age', enough(trial))),
  },
];

function lifetimeEdit({
  suits,
  ...named
}: Pick<Edit, 'code' | 'caution'> & { suits: (status: number) => boolean }): Edit {
  return {
    ...named,
    at: 'origin',
    cost: 1,
    apply: (trial) => {
      const { fields, status } = trial.storing.response;
      if (!suits(status)) return undefined;
      const name = lifetimeDirective(responseControl(fields).control);
      return changed(trial, (directives) => withDirective(directives, name, enough(trial)));
    },
  };
}

function directiveLess(name: string, caution: string): Edit {
  return {
    code: name,
    at: 'origin',
    cost: 1,
    caution,
    apply: (trial) => {
      const { control } = responseControl(trial.storing.response.fields);
      // What it says about single fields keeps nothing from being stored.
      if (!hasDirective(control, name) || Array.isArray(qualifiedNames(control, name))) return undefined;
      return changed(trial, (directives) => without(directives, name));
    },
  };
}

/** Other directives in the place of what is there; undefined where that can't be read: then it has to be mended before. */
function changed(trial: Trial, change: (directives: Directives) => Directives): Trial | undefined {
  const { control } = responseControl(trial.storing.response.fields);
  return control.malformed ? undefined : rewritten(trial, change(control.directives));
}

function rewritten(trial: Trial, directives: Directives): Trial {
  return withResponse(trial, withDirectives(trial.storing.response, directives));
}

/** Lifetimes that people write: a minute, five, an hour, a day, a week, a year. */
const usualLifetimes = [60, 300, 3600, 86_400, 604_800, 31_536_000];

/** The first usual lifetime, in seconds, that the response has not reached yet. */
function enough(trial: Trial): string {
  const age = ageOf(trial);
  return String(usualLifetimes.find((lifetime) => lifetime > age) ?? Math.ceil(age) * 2);
}
