import { describe, expect, it } from 'vitest';
import { faultOf, refTo } from '../../../src/admin/schema.ts';
import { schemas } from '../../../src/admin/vocabulary.ts';
import type { ResponseHead } from '../../../src/http/message.ts';
import type { LiveExplanation } from '../../../src/explain/live-explanation.ts';
import { presets } from '../../../src/policy/config.ts';
import { explainLive } from '../../../src/probe/live.ts';
import type { StoredResponse } from '../../../src/policy/stored.ts';
import { after, answer, date, get, stored200, times } from '../policy/messages.ts';

/** What the API would send of an explanation: as JSON, so that nothing undefined is left. */
async function sent(
  candidates: readonly StoredResponse[],
  at: number,
  response?: ResponseHead,
): Promise<LiveExplanation> {
  const key = { scheme: 'http' as const, authority: 'shop.test', target: '/a' };
  const inspected = { key, candidates, now: after(at), fillInProgress: false, config: presets.safe, route: 'default' };
  const lastNotStored = response && { response, times, reason: 'private' as const, closeDelimited: false };
  const inspect = async () => (lastNotStored === undefined ? inspected : { ...inspected, lastNotStored });
  return JSON.parse(JSON.stringify(await explainLive({ inspect }, get()))) as LiveExplanation;
}

const fresh = stored200(['cache-control', 'max-age=60'], ['etag', '"v1"'], ['vary', 'accept-language']);

describe('the schema of an explanation', () => {
  it.each([
    ['a hit', sent([fresh], 10)],
    ['a stale response', sent([fresh], 100)],
    ['an empty shelf', sent([], 0)],
    [
      'an answer that is not stored',
      sent([], 0, answer(200, ['date', date()], ['cache-control', 'private, max-age=60'])),
    ],
    ['a setting that would make it a hit', sent([], 0, answer(200, ['date', date()]))],
    ['an answer that is stored', sent([], 0, answer(200, ['date', date()], ['cache-control', 'max-age=60']))],
  ])('fits that of %s', async (_, explanation) => {
    expect(faultOf(await explanation, refTo('Explanation'), schemas)).toBeUndefined();
  });

  it('knows every property of it', async () => {
    const { properties = {} } = schemas['Explanation'] ?? {};
    const told = [sent([fresh], 100), sent([], 0, answer(200, ['date', date()], ['cache-control', 'private']))];
    const seen = (await Promise.all(told)).flatMap(Object.keys);
    expect(Object.keys(properties).filter((name) => !seen.includes(name))).toEqual([]);
  });
});
