import { describedContent } from '../harness/described-content.ts';

/** What a path of the origin is good for. */
export type Kind = 'hot' | 'large' | 'once' | 'private' | 'stream' | 'form';

/** What is at a target. */
export interface Resource {
  readonly kind: Kind;
  readonly target: string;
  /** In bytes, at the least: described content is whole lines. */
  readonly length: number;
  /** In seconds; 0: may not be stored. */
  readonly maxAge: number;
  /** How long past that it may stand in for an origin that fails, in seconds. */
  readonly staleIfError: number;
  readonly hasLanguages: boolean;
}

/** Which content of a resource: it is the same bytes for the same values. */
export interface Selection {
  /** Of those that the response was selected by; empty: it has none. */
  readonly language: string;
  /** For whom alone it is; empty: for everybody. */
  readonly user: string;
  readonly generation: number;
}

/** The host that all clients ask for. */
export const host = 'soak.test';
/** How many there are of what is asked for again and again. */
export const hotCount = 60;
export const largeCount = 6;
/** Tags that hot resources have, one each. */
export const tagCount = 4;
export const languages = ['en', 'fr'] as const;
/** The longest that anything may be served without the origin having been asked, in seconds. */
export const longestLife = 600;

const kinds: Record<Kind, Omit<Resource, 'kind' | 'target' | 'length' | 'hasLanguages'>> = {
  hot: { maxAge: 5, staleIfError: 20 },
  large: { maxAge: 15, staleIfError: 20 },
  once: { maxAge: longestLife, staleIfError: 0 },
  private: { maxAge: 0, staleIfError: 0 },
  stream: { maxAge: 0, staleIfError: 0 },
  form: { maxAge: 0, staleIfError: 0 },
};

const lengths: Record<Kind, (index: number) => number> = {
  hot: (index) => 300 + 137 * index,
  // The last is no multiple of what a shelf reads at a time.
  large: (index) => (index + 1) * 200_000,
  once: (index) => 1_500 + (index % 7) * 4_000,
  private: () => 900,
  stream: () => 300_000,
  form: () => 400,
};

/** What is there; undefined: nothing, as nobody asks for that. */
export function resourceAt(target: string): Resource | undefined {
  const [, kind = '', number = ''] = /^\/(hot|large|once|private|stream|form)\/(\d+)$/.exec(target) ?? [];
  if (!isKind(kind)) return undefined;
  const index = Number(number);
  return {
    ...kinds[kind],
    kind,
    target,
    length: lengths[kind](index),
    hasLanguages: kind === 'hot' && index % 2 === 1,
  };
}

function isKind(word: string): word is Kind {
  return word in kinds;
}

/** Which tag a hot resource has, and so is purged by. */
export function tagOf(target: string): string {
  return `tag-${Number(target.slice(target.lastIndexOf('/') + 1)) % tagCount}`;
}

/** Latin1. */
export function contentOf({ target, length }: Resource, { language, user, generation }: Selection): string {
  return describedContent({ url: target, variant: language, user, generation }, length);
}

/** A strong entity-tag: it says which content it is, so that a part can be held against the whole. */
export function entityTag({ language, generation }: Pick<Selection, 'language' | 'generation'>): string {
  return `"${generation}-${language}"`;
}

/** The generation in such a tag; undefined: it is none of ours. */
export function generationIn(tag: string | undefined): number | undefined {
  const [, digits] = /^"(\d+)-[a-z]*"$/.exec(tag ?? '') ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** The bytes that a single range asks for, first and last; undefined: not one that any client here sends, or none of that content (RFC 9110 §14.1.2). */
export function bytesOf(range: string, length: number): readonly [first: number, last: number] | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') return [Math.max(0, length - Number(last)), length - 1];
  const end = last === '' ? length - 1 : Math.min(Number(last), length - 1);
  return Number(first) > end ? undefined : [Number(first), end];
}
