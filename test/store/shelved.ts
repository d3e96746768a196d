import { fieldsOf, noFields } from '../../src/http/fields.ts';
import { cacheKey, type CacheKey } from '../../src/key/cache-key.ts';
import { variantKey } from '../../src/key/nominated-fields.ts';
import type { StoredResponse } from '../../src/policy/stored.ts';
import type { Shelf, Shelved, StoreWriter } from '../../src/store/store.ts';

/** What any shelf does, whatever it tells of itself. */
export type AnyShelf = Omit<Shelf, 'stats'>;

/** A stored response of `target`; with `language`, the variant of that language. */
export function responseTo(target: string, language?: string): StoredResponse {
  const nominatedFields = language === undefined ? [] : ['accept-language'];
  return {
    key: cacheKey({ scheme: 'http', authority: 'shop.test', target }),
    nominatedFields,
    variant: variantKey(nominatedFields, fieldsOf(['accept-language', language ?? ''])),
    status: 200,
    fields: fieldsOf(['date', 'Sun, 22 Nov 2026 12:00:00 GMT'], ['x-target', target]),
    dateValue: 0,
    responseTime: 0,
    correctedInitialAge: 0,
    freshness: { lifetime: 60, source: 'max-age' },
    ended: undefined,
    alwaysValidate: false,
    immutable: false,
    closeDelimited: false,
    staleProhibited: false,
    staleWhileRevalidate: 0,
    staleIfError: 0,
    entityTag: undefined,
    lastModified: undefined,
    preconditions: noFields,
    extent: undefined,
    groups: [],
    tags: [],
    search: undefined,
    generation: 0,
    serial: 0,
  };
}

/** Begins a response that must not be refused. */
export function beginStoring(store: AnyShelf, stored: StoredResponse, expectedLength?: number): StoreWriter {
  const writer = store.begin(stored, expectedLength);
  if (typeof writer === 'string') throw new Error(`refused: ${writer}`);
  return writer;
}

/** Stores a response with that content (Latin-1), in pieces as given; whether it was kept. */
export async function put(store: AnyShelf, stored: StoredResponse, ...pieces: readonly string[]): Promise<boolean> {
  const writer = store.begin(stored, pieces.join('').length);
  if (typeof writer === 'string') return false;
  for (const piece of pieces) writer.write(Buffer.from(piece, 'latin1'));
  return writer.commit(stored);
}

/** All of the content as text. */
export function textOf({ content }: Pick<Shelved, 'content'>): string {
  const pieces: Uint8Array[] = [];
  for (let offset = 0; ; ) {
    const piece = content.at(offset);
    if (piece === undefined) return Buffer.concat(pieces).toString('latin1');
    pieces.push(piece);
    offset += piece.length;
  }
}

/** The same, wherever it lies; undefined where some of it can't be had. */
export async function textRead({ content }: Pick<Shelved, 'content'>): Promise<string | undefined> {
  const pieces: Uint8Array[] = [];
  for (let offset = 0; offset < content.length; ) {
    const piece = content.at(offset) ?? ((await content.load?.(offset)) === true ? content.at(offset) : undefined);
    if (piece === undefined) return undefined;
    pieces.push(piece);
    offset += piece.length;
  }
  return Buffer.concat(pieces).toString('latin1');
}

/** All of the contents that can be had. */
export async function textsRead(found: readonly Shelved[]): Promise<string[]> {
  return (await Promise.all(found.map(textRead))).flatMap((text) => text ?? []);
}

/** What is on the shelf for a key, as content texts in their order. */
export async function textsAt(store: AnyShelf, { key }: Pick<StoredResponse, 'key'>): Promise<string[]> {
  return textsRead(await store.lookup(key));
}

/** What is on the shelf for a key with that content. */
export async function shelvedWith(store: AnyShelf, key: CacheKey, text: string): Promise<Shelved | undefined> {
  const found = await store.lookup(key);
  const texts = await Promise.all(found.map(textRead));
  return found[texts.indexOf(text)];
}
