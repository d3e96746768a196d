import fc from 'fast-check';
import { oneOf, seldom } from './chance.ts';
import { requestControl, responseControl, reuseControl, targeted } from './control-generator.ts';
import { age, cookies, dateText, etag, flavours, languages, pragma, vary } from './field-generator.ts';
import type { Answered, Asked, Scenario, Varied } from './scenario.ts';

/**
 * Scenarios for fast-check. Most of what they say is plain, so that enough responses are stored and reused, and all of it can be odd.
 */

interface AskedLike {
  readonly methods: readonly Asked['method'][];
  readonly conditional: boolean;
}

function asked({ methods, conditional }: AskedLike): fc.Arbitrary<Asked> {
  const [first = 'GET', ...others] = methods;
  return fc.record({
    method: oneOf([25, first], ...others.map((method) => [1, method] as const)),
    hasContent: conditional ? oneOf([25, false], [1, true]) : fc.constant(false),
    authorized: oneOf([8, false], [1, true]),
    ifMatch: conditional ? oneOf([25, false], [1, true]) : fc.constant(false),
    control: fc.oneof(
      { weight: conditional ? 1 : 5, arbitrary: fc.constant(undefined) },
      { weight: conditional ? 2 : 1, arbitrary: requestControl },
    ),
    pragma: seldom(pragma, conditional ? 4 : 12),
    cookie: seldom(fc.constantFrom(...cookies), 8),
    language: seldom(fc.constantFrom(...languages), 2),
    flavour: seldom(fc.constantFrom(...flavours), 2),
  });
}

/** Absent or present as it is, in any spelling of its meaning. */
function respelled(pool: readonly Varied[], varied: Varied | undefined): fc.Arbitrary<Varied | undefined> {
  return fc.constantFrom(varied, ...pool.filter(({ means }) => means === varied?.means));
}

/** The request with the nominated fields of another, which may be spelled otherwise. */
function asSelected(request: Asked, like: Asked): fc.Arbitrary<Asked> {
  return fc
    .record({ language: respelled(languages, like.language), flavour: respelled(flavours, like.flavour) })
    .map((nominated) => ({ ...request, ...nominated, cookie: like.cookie }));
}

/** Final statuses, of which RFC 9110 §15 defines most. */
const statuses = [203, 204, 206, 299, 300, 301, 302, 303, 307, 308, 400, 403, 404, 405, 410, 414, 416, 429, 451, 499];
const status = fc.oneof(
  { weight: 3, arbitrary: fc.constant(200) },
  { weight: 1, arbitrary: fc.constantFrom(...statuses, 500, 501, 502, 503, 511, 599) },
);

const day = 86_400;

/** Without what makes most others stale or keeps them off the shelf, so that what it says about reuse has a chance to count. */
function calm(full: Answered): fc.Arbitrary<Answered> {
  const quiet = { setCookie: false, targeted: undefined, pragma: undefined, expires: undefined, age: undefined };
  return reuseControl.map((control) => ({ ...full, ...quiet, status: full.status === 304 ? 304 : 200, control }));
}

function answered(of: fc.Arbitrary<number>, arrival: number): fc.Arbitrary<Answered> {
  const moments = [arrival + 60, arrival + 3600, arrival, arrival - 5, 40 * day, arrival + 5];
  const full: fc.Arbitrary<Answered> = fc.record({
    status: of,
    setCookie: oneOf([12, false], [1, true]),
    control: fc.oneof({ weight: 1, arbitrary: fc.constant(undefined) }, { weight: 3, arbitrary: responseControl }),
    targeted: seldom(targeted, 20),
    pragma: seldom(pragma, 12),
    date: fc.oneof(
      { weight: 8, arbitrary: dateText(arrival) },
      { weight: 1, arbitrary: dateText(arrival - 3, arrival - 50, arrival - 7200, arrival + 30) },
      { weight: 2, arbitrary: fc.constant(undefined) },
    ),
    expires: seldom(
      fc.oneof(
        { weight: 9, arbitrary: dateText(...moments).map((date) => [date]) },
        { weight: 1, arbitrary: fc.array(dateText(...moments), { minLength: 2, maxLength: 2 }) },
      ),
      4,
    ),
    lastModified: seldom(dateText(-1000, -1009, -20 * day, 0, 60), 2),
    age: seldom(age, 5),
    etag: fc.oneof({ weight: 1, arbitrary: fc.constant(undefined) }, { weight: 2, arbitrary: etag }),
    vary: seldom(vary, 3),
  });
  return full.chain((each) =>
    fc.oneof({ weight: 3, arbitrary: fc.constant(each) }, { weight: 2, arbitrary: calm(each) }),
  );
}

const moments = fc.oneof(
  fc.constantFrom(0, 0, 0.5, 1, 4, 5, 5, 6),
  fc.constantFrom(9, 10, 55, 59.5, 60, 60, 60.5, 65, 66, 119, 120, 121, 3600, 100_000),
);

const update = fc.constantFrom(0, 1, 70, 5000).chain((after) =>
  fc.record({
    by: asked({ methods: ['GET'], conditional: false }),
    news: answered(fc.constant(304), after),
    after: fc.constant(after),
    identified: fc.constant(undefined),
    merged: fc.constant(undefined),
  }),
);

export const scenarios: fc.Arbitrary<Scenario> = fc
  .record({
    preset: oneOf([2, 'safe' as const], [1, 'rfc' as const]),
    original: asked({ methods: ['GET', 'HEAD', 'POST'], conditional: false }).chain((request) =>
      oneOf([30, request], [1, { ...request, hasContent: true }]),
    ),
    response: answered(status, 0),
    delay: oneOf([8, 0], [1, 3], [1, 70]),
    update: seldom(update, 3),
    presented: asked({ methods: ['GET', 'HEAD', 'POST'], conditional: true }),
    after: moments,
  })
  .chain((scenario) => {
    const { presented, original, response, update: told } = scenario;
    const like = asSelected(presented, told?.by ?? original);
    // A 304 that is about the stored response has its validators, as a rule.
    const news = told && { ...told, news: { ...told.news, lastModified: response.lastModified } };
    return fc
      .record({
        presented: fc.oneof({ weight: 1, arbitrary: fc.constant(presented) }, { weight: 4, arbitrary: like }),
        update: oneOf([1, told], [1, news]),
      })
      .map((fitting) => ({ ...scenario, ...fitting }));
  });
