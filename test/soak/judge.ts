import { describedBy } from '../harness/described-content.ts';
import type { StrictMessage } from '../harness/strict-messages.ts';
import type { Book } from './book.ts';
import { bytesOf, contentOf, entityTag, generationIn, type Resource, resourceAt } from './site.ts';
import type { Wish } from './wishes.ts';

/** What a client makes of a response: it is right; an error, which may be excused; or wrong, which nothing excuses. */
export type Verdict =
  | { readonly kind: 'right' }
  | { readonly kind: 'error'; readonly what: string }
  | { readonly kind: 'wrong'; readonly what: string };

/** Ages are told and counted in whole seconds, and the head of a response is read later than it was written. */
const slackMs = 2_000;

class Wrong extends Error {}

/**
 * Holds a response against what the origin has said: it is all of what was asked for, or the part, byte by byte, for this client, and no older than it may be.
 *
 * @param askedMs when the request began, by `performance.now`
 * @param floors those that held then
 */
export function verdictOf(
  wish: Wish,
  response: StrictMessage,
  book: Book,
  { askedMs, floors }: { readonly askedMs: number; readonly floors: ReturnType<Book['floorsOf']> },
): Verdict {
  const code = Number(response.startLine.slice(9, 12));
  const resource = resourceAt(wish.target);
  if (resource === undefined) throw new Error(`there is nothing at ${wish.target}`);
  try {
    if (code === 416 && wish.range !== undefined) return rangeVerdict(wish.range, resource);
    const generation = generationOf(wish, resource, { response, status: code });
    if (generation === undefined) return { kind: 'error', what: `status ${code}` };
    holdAge(resource, response, { generation, askedMs, floors }, book);
    return { kind: 'right' };
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    const status = fieldOf(response, 'cache-status') ?? '';
    return { kind: 'wrong', what: `${wish.kind} ${wish.target}: ${error.message} (${status})` };
  }
}

/** There is more of it than its resource says, never less. */
function rangeVerdict(range: string, { length }: Resource): Verdict {
  if (bytesOf(range, length) !== undefined) throw new Wrong(`416 for ${range}`);
  return { kind: 'right' };
}

/** Which content it is, or says that the client has; undefined: it has none of the origin's. */
function generationOf(
  wish: Wish,
  resource: Resource,
  { response, status }: { readonly response: StrictMessage; readonly status: number },
): number | undefined {
  if (status === 200 && wish.method === 'HEAD') return lengthOf(wish, resource, response);
  if (status === 200) return wholeOf(wish, resource, response.content);
  if (status === 206 && wish.range !== undefined) return partOf(wish, resource, response);
  if (status === 304 && wish.known !== undefined) {
    const generation = generationIn(wish.known);
    const language = resource.hasLanguages ? wish.language : '';
    const isOurs = generation !== undefined && wish.known === entityTag({ language, generation });
    if (!isOurs || fieldOf(response, 'etag') !== wish.known) throw new Wrong(`a 304 for ${wish.known}`);
    return generation;
  }
  return undefined;
}

function wholeOf(wish: Wish, resource: Resource, content: string): number {
  let found;
  try {
    found = describedBy(content);
  } catch (error) {
    throw new Wrong(String(error), { cause: error });
  }
  const { url, variant, user, generation } = found;
  const language = resource.hasLanguages && wish.method !== 'POST' ? wish.language : '';
  const forWhom = wish.method === 'POST' ? wish.content : wish.user;
  if (url !== wish.target || variant !== language || user !== forWhom) {
    throw new Wrong(`content of ${url} in ${JSON.stringify(variant)} for ${JSON.stringify(user)}`);
  }
  if (content !== contentOf(resource, { language, user: forWhom, generation })) throw new Wrong('other bytes');
  return generation;
}

function partOf(wish: Wish, resource: Resource, response: StrictMessage): number {
  const generation = generationIn(fieldOf(response, 'etag'));
  if (generation === undefined) throw new Wrong('a part of nobody knows what');
  const language = resource.hasLanguages ? wish.language : '';
  const whole = contentOf(resource, { language, user: '', generation });
  const bytes = bytesOf(wish.range ?? '', whole.length);
  if (bytes === undefined) throw new Wrong(`a part for ${wish.range}`);
  const [first, last] = bytes;
  const said = fieldOf(response, 'content-range');
  if (said !== `bytes ${first}-${last}/${whole.length}`) throw new Wrong(`${said} for ${wish.range}`);
  if (response.content !== whole.slice(first, last + 1)) throw new Wrong('other bytes in a part');
  return generation;
}

/** Without a tag it is none of ours: an origin that sends what is no response may send a head that is one. */
function lengthOf(wish: Wish, resource: Resource, response: StrictMessage): number | undefined {
  const generation = generationIn(fieldOf(response, 'etag'));
  if (generation === undefined) return undefined;
  const language = resource.hasLanguages ? wish.language : '';
  const { length } = contentOf(resource, { language, user: '', generation });
  const said = fieldOf(response, 'content-length');
  if (said !== undefined && said !== String(length)) throw new Wrong(`a head with the length ${said} of ${length}`);
  return generation;
}

interface Served {
  readonly generation: number;
  readonly askedMs: number;
  readonly floors: ReturnType<Book['floorsOf']>;
}

function holdAge(
  resource: Resource,
  response: StrictMessage,
  { generation, askedMs, floors }: Served,
  book: Book,
): void {
  const saidMs = book.lastSaid(generation);
  if (saidMs === undefined) throw new Wrong(`generation ${generation}, which the origin has not sent of late`);
  const isStale = /;\s*(?:ttl=-|detail=stale-if-error)/.test(fieldOf(response, 'cache-status') ?? '');
  const life = resource.maxAge + (isStale ? resource.staleIfError : 0);
  const ageMs = askedMs - saidMs;
  if (ageMs > life * 1_000 + slackMs) throw new Wrong(`${(ageMs / 1_000).toFixed(1)} s old, of ${life} s`);
  const age = fieldOf(response, 'age');
  if (age !== undefined && !/^\d+$/.test(age)) throw new Wrong(`the age ${age}`);
  for (const { of, sinceMs, isSoft } of floors) {
    const isExcused = isSoft && isStale;
    if (saidMs < sinceMs && !isExcused) {
      const how = `${isSoft ? 'softly' : 'hard'}, ${(askedMs - sinceMs).toFixed(0)} ms before the request`;
      throw new Wrong(`said ${(sinceMs - saidMs).toFixed(0)} ms before ${JSON.stringify(of)} was purged ${how}`);
    }
  }
}

/** Its lines, joined by commas; undefined where there is none. */
export function fieldOf({ fields }: StrictMessage, name: string): string | undefined {
  const values = fields.filter(([each]) => each === name).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(', ');
}
