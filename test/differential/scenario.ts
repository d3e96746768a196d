import type { Line } from '../unit/policy/messages.ts';
import type { Seconds } from '../../src/http/message.ts';
import type { PresetName } from '../../src/policy/config.ts';

/**
 * What a generated exchange says, kept beside how it is spelled: what it means is known from how it was made, so that nothing
 * here has to trust a parser.
 */

export interface Scenario {
  readonly preset: PresetName;
  /** The request that brought the response. */
  readonly original: Asked;
  readonly response: Answered;
  /** Between that request and the response. */
  readonly delay: Seconds;
  /** A 304 that came later and is then judged in place of the response. */
  readonly update: Update | undefined;
  /** A request that may be answered from the shelf. */
  readonly presented: Asked;
  /** When it comes: after the response, or after the update if there is one. */
  readonly after: Seconds;
}

export interface Update {
  /** The request that was forwarded to validate the stored response. */
  readonly by: Asked;
  readonly news: Answered;
  /** After the response. */
  readonly after: Seconds;
  /** Whether the 304 is about the stored response, where a rule has decided it. */
  readonly identified: boolean | undefined;
  /** The stored response with the fields of the 304, once a rule has merged them. */
  readonly merged: Answered | undefined;
}

export interface Asked {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly hasContent: boolean;
  readonly authorized: boolean;
  readonly ifMatch: boolean;
  readonly control: Control | undefined;
  readonly pragma: string | undefined;
  readonly cookie: Varied | undefined;
  readonly language: Varied | undefined;
  readonly flavour: Varied | undefined;
}

/** A field value and the spelling that stands for all which mean the same. */
export interface Varied {
  readonly text: string;
  readonly means: string;
}

export interface Answered {
  readonly status: number;
  readonly setCookie: boolean;
  readonly control: Control | undefined;
  readonly targeted: Targeted | undefined;
  readonly pragma: string | undefined;
  readonly date: DateText | undefined;
  readonly expires: readonly DateText[] | undefined;
  readonly lastModified: DateText | undefined;
  readonly age: AgeText | undefined;
  readonly etag: TagText | undefined;
  readonly vary: VaryText | undefined;
}

/** The members of a Cache-Control field. */
export type Control = readonly Member[];
export type Member = Directive | Broken;

export interface Directive {
  readonly kind: 'directive';
  /** Lower-case. */
  readonly name: string;
  readonly spelled: string;
  readonly argument: Argument | null;
}

export interface Argument {
  readonly value: string;
  /** `escaped`: quoted, every character behind a backslash. `spaced`: a blank before the value, which no grammar allows. */
  readonly form: 'token' | 'quoted' | 'escaped' | 'spaced';
}

/** Something that can't be read as a directive. */
export interface Broken {
  readonly kind: 'broken';
  readonly text: string;
}

/** `means` is undefined where the field is no valid dictionary (RFC 9213 §2.1). */
export interface Targeted {
  readonly text: string;
  readonly means: Control | undefined;
}

/** `at`: seconds after the response arrived; undefined where the text is no HTTP-date. */
export interface DateText {
  readonly text: string;
  readonly at: Seconds | undefined;
}

/** The lines of Age, and the number that they mean (RFC 9111 §5.1). */
export interface AgeText {
  readonly lines: readonly string[];
  readonly means: Seconds;
}

export interface TagText {
  readonly text: string;
  readonly weak: boolean;
  /** What is compared; undefined where the text is no entity-tag. */
  readonly opaque: string | undefined;
}

export interface VaryText {
  readonly lines: readonly string[];
  /** `never`: no request can match. */
  readonly means: readonly string[] | 'never';
}

/** The field lines of a request. */
export function linesOf(asked: Asked): Line[] {
  const lines: Line[] = [['host', 'shop.test']];
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) lines.push([name, value]);
  };
  if (asked.control !== undefined) add('cache-control', textOf(asked.control));
  add('pragma', asked.pragma);
  if (asked.authorized) add('authorization', 'Basic eA==');
  if (asked.ifMatch) add('if-match', '"v1"');
  add('cookie', asked.cookie?.text);
  add('accept-language', asked.language?.text);
  add('x-flavour', asked.flavour?.text);
  return lines;
}

/** The field lines of a response; its Cache-Control takes two lines where it has several members. */
export function linesOfAnswer(answered: Answered): Line[] {
  const lines: Line[] = [];
  const add = (name: string, values: readonly (string | undefined)[]): void => {
    for (const value of values) if (value !== undefined) lines.push([name, value]);
  };
  add('date', [answered.date?.text]);
  if (answered.control !== undefined) {
    const middle = Math.ceil(answered.control.length / 2);
    const halves = [answered.control.slice(0, middle), answered.control.slice(middle)];
    const shown = halves.filter((half, i) => i === 0 || half.length > 0);
    add('cache-control', shown.map(textOf));
  }
  add('cdn-cache-control', [answered.targeted?.text]);
  add('pragma', [answered.pragma]);
  add(
    'expires',
    (answered.expires ?? []).map(({ text }) => text),
  );
  add('last-modified', [answered.lastModified?.text]);
  add('age', answered.age?.lines ?? []);
  add('etag', [answered.etag?.text]);
  add('vary', answered.vary?.lines ?? []);
  if (answered.setCookie) add('set-cookie', ['user=a']);
  return lines;
}

/** Members as one field value. */
export function textOf(control: Control): string {
  return control.map(memberText).join(', ');
}

function memberText(member: Member): string {
  if (member.kind === 'broken') return member.text;
  const { spelled, argument } = member;
  if (argument === null) return spelled;
  const { value, form } = argument;
  if (form === 'token') return `${spelled}=${value}`;
  if (form === 'spaced') return `${spelled}= ${value}`;
  return `${spelled}="${form === 'quoted' ? value : value.replaceAll(/./g, '\\$&')}"`;
}

/** A directive in its plainest spelling. */
export function plain(name: string, value?: string | number): Directive {
  const argument = value === undefined ? null : ({ value: String(value), form: 'token' } as const);
  return { kind: 'directive', name, spelled: name, argument };
}

/** The directives of that name. */
export function named(control: Control | undefined, name: string): Directive[] {
  return (control ?? []).filter((member): member is Directive => member.kind === 'directive' && member.name === name);
}

export function has(control: Control | undefined, ...names: readonly string[]): boolean {
  return names.some((name) => named(control, name).length > 0);
}

/** Without the directives of those names. */
export function without(control: Control | undefined, ...names: readonly string[]): Control {
  return (control ?? []).filter((member) => member.kind === 'broken' || !names.includes(member.name));
}

/** The request, marked as one that wants validation. */
export function wantingValidation(presented: Asked): Asked {
  return { ...presented, control: [...(presented.control ?? []), plain('no-cache')] };
}
