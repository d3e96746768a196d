import { formatHttpDate } from '../../src/http/date.ts';
import { wall } from '../unit/policy/messages.ts';
import { answeredIn, askedIn, type Claim, controlsIn, mapAnswered, mapAsked, mapControls, type Rule } from './rule.ts';
import {
  type Answered,
  type Argument,
  type Control,
  type DateText,
  type Directive,
  named,
  plain,
  type Scenario,
} from './scenario.ts';

/** Directives whose argument is delta-seconds. */
const deltas = ['max-age', 's-maxage', 'stale-while-revalidate', 'stale-if-error', 'max-stale', 'min-fresh'];

const largest = 2 ** 31;

function mapDirectives(control: Control, change: (directive: Directive) => Directive): Control {
  return control.map((member) => (member.kind === 'broken' ? member : change(member)));
}

/** A rule that rewrites directives one by one; `change` gives back the same directive where it has nothing to change. */
function aboutDirectives(claim: Omit<Claim, 'right'>, change: (directive: Directive) => Directive): Rule {
  return {
    ...claim,
    right: 'etagere',
    when: (scenario) =>
      controlsIn(scenario).some((control) =>
        control.some((member) => member.kind === 'directive' && change(member) !== member),
      ),
    mend: (scenario) => mapControls(scenario, (control) => mapDirectives(control, change)),
  };
}

/** A rule that rewrites every response as it came. */
function aboutAnswers(
  rule: Claim & { readonly when: (answered: Answered) => boolean; readonly mend: (answered: Answered) => Answered },
): Rule {
  return {
    ...rule,
    when: (scenario) => answeredIn(scenario).some(rule.when),
    mend: (scenario) => mapAnswered(scenario, rule.mend),
  };
}

function withPlainPragma<T extends { readonly pragma: string | undefined }>(message: T): T {
  return { ...message, pragma: message.pragma?.toLowerCase() };
}

function withoutEmptyArgument(directive: Directive): Directive {
  if (directive.argument?.value !== '') return directive;
  return plain(directive.name, deltas.includes(directive.name) ? 0 : undefined);
}

/** A quoted list is reduced to one name, that on which its meaning hangs: the library takes any argument for the bare directive. */
function withoutQuotes(directive: Directive): Directive {
  const { name, argument } = directive;
  if (argument === null || argument.form === 'token' || argument.form === 'spaced') return directive;
  if (name === 'x') return plain(name);
  const listed = argument.value.split(',').map((each) => each.trim());
  const value = listed.find((each) => !isFieldToKeepBack(each)) ?? listed[0] ?? '';
  return { ...directive, argument: { value, form: /^[\w-]*$/.test(value) ? 'token' : 'quoted' } };
}

/** A field name, and not of a field that a cache decides by. */
export function isFieldToKeepBack(name: string): boolean {
  return /^[A-Za-z-]+$/.test(name) && !['vary', 'date', 'expires', 'cache-control'].includes(name.toLowerCase());
}

function isNumber({ value, form }: Argument): boolean {
  return /^[0-9]+$/.test(value) && form !== 'spaced';
}

function withOneLifetime(control: Control): Control {
  return deltas.reduce<Control>((mended, name) => {
    const found = named(mended, name);
    if (found.length < 2) return mended;
    const others = mended.filter((member) => member.kind === 'broken' || member.name !== name);
    if (name === 'max-stale' && found.every(({ argument }) => argument === null)) return [...others, plain(name)];
    return [...others, plain(name, Math.min(...found.map(({ argument }) => Number(argument?.value ?? 0))))];
  }, control);
}

const plainDate = (date: DateText | undefined): DateText | undefined =>
  date && { ...date, text: date.at === undefined ? '' : formatHttpDate(wall + date.at * 1000) };

const plainExpires = (date: DateText): DateText =>
  date.at === undefined ? { ...date, text: '0' } : (plainDate(date) ?? date);

function hasOddDates({ date, lastModified, expires = [] }: Answered): boolean {
  const odd = [date, lastModified].some((each) => each !== undefined && plainDate(each)?.text !== each.text);
  return odd || expires.some((each) => plainExpires(each).text !== each.text);
}

const isSpelledOut = (scenario: Scenario): boolean =>
  controlsIn(scenario).every((control) =>
    control.every((member) => member.kind === 'broken' || member.spelled === member.name),
  ) && [...askedIn(scenario), ...answeredIn(scenario)].every(({ pragma }) => pragma === pragma?.toLowerCase());

/** About how things are written. They come first: what follows is about what they mean. */
export const spellingRules: readonly Rule[] = [
  {
    name: 'letter case',
    section: 'RFC 9111 §5.2',
    right: 'etagere',
    why: 'directive names are compared without regard to case',
    when: (scenario) => !isSpelledOut(scenario),
    mend: (scenario) => {
      const mended = mapControls(scenario, (control) =>
        mapDirectives(control, (directive) => ({ ...directive, spelled: directive.name })),
      );
      return mapAnswered(mapAsked(mended, withPlainPragma), withPlainPragma);
    },
  },
  aboutDirectives(
    {
      name: 'empty arguments',
      section: 'RFC 9111 §5.2',
      why: 'an empty argument does not take a directive away: `no-store=""` forbids, `max-age=` is an invalid lifetime',
    },
    withoutEmptyArgument,
  ),
  aboutDirectives(
    {
      name: 'quoted strings',
      section: 'RFC 9110 §5.6.4',
      why: 'a comma or a directive inside a quoted string is text, and a backslash is no part of the value',
    },
    withoutQuotes,
  ),
  aboutDirectives(
    {
      name: 'lifetimes that are no numbers',
      section: 'RFC 9111 §4.2.1',
      why: '`60abc`, `1.5`, `-5` and a blank after the equals sign are invalid, which is stale; the library reads as many digits as there are',
    },
    (directive) => {
      const { name, argument } = directive;
      return argument !== null && deltas.includes(name) && !isNumber(argument) ? plain(name, 0) : directive;
    },
  ),
  aboutDirectives({ name: 'lifetimes beyond 2^31', section: 'RFC 9111 §1.2.2', why: 'they mean 2^31' }, (directive) => {
    const { name, argument } = directive;
    return deltas.includes(name) && Number(argument?.value) > largest ? plain(name, largest) : directive;
  }),
  {
    name: 'several lifetimes',
    section: 'RFC 9111 §4.2.1',
    right: 'etagere',
    why: 'the first or stale; the least is never fresher than either, and the last, which the library takes, can be',
    when: (scenario) => controlsIn(scenario).some((control) => withOneLifetime(control) !== control),
    mend: (scenario) => mapControls(scenario, withOneLifetime),
  },
  aboutAnswers({
    name: 'dates',
    section: 'RFC 9110 §5.6.7',
    right: 'etagere',
    why: 'of what only looks like a date, Expires is past, Last-Modified no validator, Date the time of receipt; and dates are compared as moments, not as texts',
    when: hasOddDates,
    mend: (answered) => ({
      ...answered,
      date: plainDate(answered.date),
      lastModified: plainDate(answered.lastModified),
      expires: answered.expires?.map(plainExpires),
    }),
  }),
  aboutAnswers({
    name: 'several Expires',
    section: 'RFC 9111 §4.2.1',
    right: 'both',
    why: 'the first, which the library takes, or stale',
    when: ({ expires = [] }) => expires.length > 1,
    mend: (answered) =>
      (answered.expires?.length ?? 0) > 1 ? { ...answered, expires: [{ text: '0', at: undefined }] } : answered,
  }),
  aboutAnswers({
    name: 'an Age that is no number of seconds',
    section: 'RFC 9111 §5.1',
    right: 'etagere',
    why: 'it is ignored; the library takes `-7` for younger than new',
    when: ({ age }) => age !== undefined && age.lines.join() !== String(age.means),
    mend: (answered) => ({
      ...answered,
      age: answered.age && { ...answered.age, lines: [String(answered.age.means)] },
    }),
  }),
  aboutAnswers({
    name: 'an ETag of *',
    section: 'RFC 9110 §8.8.3',
    right: 'etagere',
    why: 'it is no entity-tag, and in If-None-Match it would ask for something else',
    when: ({ etag }) => etag?.text === '*',
    mend: (answered) => ({
      ...answered,
      etag: answered.etag && (answered.etag.text === '*' ? { ...answered.etag, text: '' } : answered.etag),
    }),
  }),
  {
    name: 'nominated fields that mean the same',
    section: 'RFC 9111 §4.1',
    right: 'etagere',
    why: 'white space, and the case and order of languages, make no other request',
    when: (scenario) =>
      askedIn(scenario).some(({ language, flavour }) =>
        [language, flavour].some((field) => field !== undefined && field.text !== field.means),
      ),
    mend: (scenario) =>
      mapAsked(scenario, (asked) => ({
        ...asked,
        language: asked.language && { ...asked.language, text: asked.language.means },
        flavour: asked.flavour && { ...asked.flavour, text: asked.flavour.means },
      })),
  },
];
