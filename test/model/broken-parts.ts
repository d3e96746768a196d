import { Readable } from 'node:stream';
import type { Clock } from '../../src/engine/clock.ts';
import type { Exchange, RequestHandler, ResponseSink } from '../../src/engine/exchange.ts';
import { eachField, type Fields, fieldsOf, withoutFields } from '../../src/http/fields.ts';
import type { ResponseHead } from '../../src/http/message.ts';
import type { CacheKey } from '../../src/key/cache-key.ts';
import type { Origin, OriginHandler } from '../../src/origin/origin.ts';
import type { StoredResponse } from '../../src/policy/stored.ts';
import type { Content } from '../../src/store/content.ts';
import type { MaybePromise } from '../../src/store/maybe-promise.ts';
import type { Shelved, Store } from '../../src/store/store.ts';
import { withOther } from '../unit/engine/adapted-store.ts';

/** A shelf on which all that is found is something else. */
export function finding(store: Store, change: (shelved: Shelved) => Shelved): Store {
  const changed = (found: MaybePromise<readonly Shelved[]>): MaybePromise<readonly Shelved[]> =>
    found instanceof Promise ? found.then((each) => each.map(change)) : found.map(change);
  const atHand = store.atHand?.bind(store);
  return withOther<Store>(store, {
    lookup: (key, presented, generation) => changed(store.lookup(key, presented, generation)),
    ...(atHand === undefined ? {} : { atHand: (key, presented) => atHand(key, presented).map(change) }),
  });
}

/** The same of the heads alone. */
export function findingStored(store: Store, change: (stored: StoredResponse) => StoredResponse): Store {
  return finding(store, ({ stored, content }) => ({ stored: change(stored), content }));
}

/** A shelf that has what was put there last for whoever asks. */
export function confusingKeys(store: Store): Store {
  let last: CacheKey | undefined;
  const keyFor = (key: CacheKey): CacheKey => last ?? key;
  const atHand = store.atHand?.bind(store);
  return withOther<Store>(store, {
    begin: (stored, length) => {
      last = stored.key;
      return store.begin(stored, length);
    },
    lookup: (key, _, generation) => store.lookup(keyFor(key), undefined, generation),
    ...(atHand === undefined ? {} : { atHand: (key) => atHand(keyFor(key)) }),
  });
}

/** Content from its second byte on, as if that were the first. */
export function oneByteLate({ stored, content }: Shelved): Shelved {
  const late: Content = {
    length: content.length,
    complete: content.complete,
    bytesHeld: content.bytesHeld,
    at: (offset) => content.at(offset === 0 ? 1 : offset),
    ...(content.load === undefined ? {} : { load: content.load.bind(content) }),
  };
  return { stored, content: late };
}

/** An origin whose answers are heard in another way. */
export function heard(origin: Origin, change: (handler: OriginHandler) => Partial<OriginHandler>): Origin {
  return withOther(origin, {
    request: (request, handler) => origin.request(request, withOther(handler, change(handler))),
  });
}

/** An origin of whose heads some is not seen. */
export function seen(origin: Origin, change: (head: ResponseHead) => ResponseHead): Origin {
  return heard(origin, (handler) => ({ onHead: (head) => handler.onHead(change(head)) }));
}

/** An origin whose content has a good end wherever it breaks off. */
export function takenForWhole(origin: Origin): Origin {
  return heard(origin, (handler) => {
    let hasHead = false;
    return {
      onHead: (head) => {
        hasHead = true;
        handler.onHead(head);
      },
      onError: (error) => (hasHead ? handler.onEnd() : handler.onError(error)),
    };
  });
}

/** Cache-Control without a directive of that name. */
export function without(directive: string, { status, fields }: ResponseHead): ResponseHead {
  const left = [...eachField(fields)].map(([name, value]): [string, string] => {
    if (name !== 'cache-control') return [name, value];
    const members = value.split(',').filter((member) => member.trim().toLowerCase() !== directive);
    return [name, members.join(',')];
  });
  return { status, fields: fieldsOf(...left) };
}

/** A cache that sees requests without a field; the origin sees them so, too. */
export function blindTo(name: string): (handler: RequestHandler) => RequestHandler {
  const left = (fields: Fields): Fields => withoutFields(fields, new Set([name]));
  return (handler) => ({
    handle: (exchange) =>
      handler.handle({ ...exchange, request: { ...exchange.request, fields: left(exchange.request.fields) } }),
  });
}

/** A cache whose clients are told in another way. */
export function telling(
  handler: RequestHandler,
  change: (exchange: Exchange) => Partial<ResponseSink>,
): RequestHandler {
  return { handle: (exchange) => handler.handle({ ...exchange, sink: withOther(exchange.sink, change(exchange)) }) };
}

/** A cache that knows nothing of unsafe requests. */
export function passingUnsafe(handler: RequestHandler, origin: Origin): RequestHandler {
  return {
    handle: (exchange) => {
      const { request, sink } = exchange;
      if (request.method === 'GET' || request.method === 'HEAD') {
        handler.handle(exchange);
        return;
      }
      origin.request(
        { method: request.method, target: request.target, fields: request.fields, content: null },
        {
          onInterim: () => undefined,
          onHead: (head) => sink.head(head),
          onData: (chunk) => void sink.write(chunk),
          onEnd: () => sink.end(),
          onError: () => sink.abort(),
        },
      );
    },
  };
}

/** An origin that is asked three times for each thing. */
export function askedThrice(origin: Origin): Origin {
  const ignoring: OriginHandler = {
    onInterim: () => undefined,
    onHead: () => undefined,
    onData: () => undefined,
    onEnd: () => undefined,
    onError: () => undefined,
  };
  return withOther(origin, {
    request: (request, handler) => {
      const content = request.content === null ? null : Readable.from([]);
      for (let i = 0; i < 2; i++) origin.request({ ...request, content }, ignoring);
      return origin.request(request, handler);
    },
  });
}

/** A clock that counts a second in two. */
export function halfAsFast(clock: Clock): Clock {
  const start = clock.steady();
  return withOther(clock, { steady: () => start + (clock.steady() - start) / 2 });
}
