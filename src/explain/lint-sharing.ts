import { hasDirective } from '../http/cache-control.ts';
import { fieldLines, fieldValue, hasField, listMembers } from '../http/fields.ts';
import { tagFields } from '../policy/tags.ts';
import { withDirective, written } from './directives.ts';
import { change, isAsset, type LintRule, type Seen } from './finding.ts';
import { shownName } from './field-names.ts';

/** Nominated fields with about as many values as there are clients, or requests. */
const exploding: ReadonlyMap<string, string> = new Map([
  ['user-agent', 'there are thousands of them'],
  ['cookie', 'nearly every visitor has others'],
  ['authorization', 'every user has another'],
  ['referer', 'every page that links here is one'],
  ['x-forwarded-for', 'every client has another address'],
  ['x-real-ip', 'every client has another address'],
  ['x-request-id', 'every request has another'],
  ['if-none-match', 'it is about what the client has, not about what it wants'],
  ['if-modified-since', 'it is about what the client has, not about what it wants'],
]);

/** Rules about who may be answered alike. */
export const sharingRules: readonly LintRule[] = [
  {
    code: 'vary-star',
    severity: 'error',
    section: 'RFC 9111 §4.1',
    look: (seen) => {
      if (!varied(seen).includes('*')) return undefined;
      return {
        what: 'Vary: * says that no two requests are ever answered alike: no cache can reuse the response.',
        remedy: 'Name the request fields that matter; say no-store if it must not be reused.',
        changes: [varyChange(seen, (name) => name !== '*')],
      };
    },
  },
  {
    code: 'vary-explodes',
    severity: 'error',
    section: 'RFC 9111 §4.1',
    look: (seen) => {
      const names = varied(seen).filter((name) => exploding.has(name));
      if (names.length === 0) return undefined;
      const why = names.map((name) => `${shownName(name)} (${exploding.get(name) ?? ''})`).join(', ');
      return {
        what: `Vary names ${why}: nearly every client gets a variant of its own, and hardly one is used twice.`,
        remedy:
          'Leave it out if the content does not depend on it; else have something with few values in its place, or say private.',
        changes: [varyChange(seen, (name) => !exploding.has(name))],
      };
    },
  },
  {
    code: 'encoding-without-vary',
    severity: 'error',
    section: 'RFC 9110 §12.5.5',
    look: (seen) => {
      const coding = fieldValue(seen.fields, 'content-encoding')?.toLowerCase() ?? 'identity';
      if (coding === 'identity' || varied(seen).some((name) => name === '*' || name === 'accept-encoding'))
        return undefined;
      const members = [...fieldLines(seen.fields, 'vary').flatMap(listMembers), 'Accept-Encoding'];
      return {
        what: `It is compressed (${coding}) and does not say that this depends on the request: a client that can't read it gets it from a cache nevertheless.`,
        remedy: 'Send the same Vary with every response to this URL, compressed or not.',
        changes: [change(seen, 'vary', members.join(', '))],
      };
    },
  },
  {
    code: 'set-cookie-on-asset',
    severity: 'error',
    section: 'RFC 9111 §7.3',
    look: (seen) => {
      if (!hasField(seen.fields, 'set-cookie') || !isAsset(seen)) return undefined;
      return {
        what: 'It sets a cookie with what is the same for everybody: caches store neither the one nor the other, or give the cookie of one visitor to all.',
        remedy:
          'Take the session out of the way of static files: most frameworks serve them before it, or by another handler.',
        changes: [change(seen, 'set-cookie', null)],
      };
    },
  },
  {
    code: 'set-cookie-in-public',
    severity: 'warning',
    section: 'RFC 9111 §7.3',
    look: (seen) => {
      const isPublic = hasDirective(seen.control, 'public') || hasDirective(seen.control, 's-maxage');
      if (!isPublic || !hasField(seen.fields, 'set-cookie') || isAsset(seen)) return undefined;
      return {
        what: 'It is for all, and sets a cookie. This cache keeps the cookie back from everybody but the first; others replay it.',
        remedy: 'Set the cookie with a response that is not for all, or keep this field from caches.',
        changes: [
          change(seen, seen.source, written(withDirective(seen.control.directives, 'no-cache', 'set-cookie', true))),
        ],
      };
    },
  },
  {
    code: 'tags-huge',
    severity: 'warning',
    section: '—',
    look: (seen) => {
      const huge = [...tagFields, 'cache-groups'].filter(
        (name) => (fieldValue(seen.fields, name)?.length ?? 0) > maxTagCharacters,
      );
      const [name] = huge;
      if (name === undefined) return undefined;
      const characters = fieldValue(seen.fields, name)?.length ?? 0;
      return {
        what: `${shownName(name)} has ${characters} characters: every stored response carries them, and many proxies refuse heads of that size.`,
        remedy: `Use shorter tags, or fewer: ${maxTagCharacters} characters are a good limit.`,
        changes: [],
      };
    },
  },
];

const maxTagCharacters = 4096;

function varied({ fields }: Seen): string[] {
  return fieldLines(fields, 'vary')
    .flatMap(listMembers)
    .map((member) => member.toLowerCase());
}

function varyChange(seen: Seen, keeps: (name: string) => boolean): ReturnType<typeof change> {
  const kept = fieldLines(seen.fields, 'vary')
    .flatMap(listMembers)
    .filter((member) => keeps(member.toLowerCase()));
  return change(seen, 'vary', kept.length === 0 ? null : kept.join(', '));
}
