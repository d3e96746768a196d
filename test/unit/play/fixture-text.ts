import type { Fixture } from '../../../src/play/fixture.ts';
import { faultText, parseFixture } from '../../../src/play/parse.ts';

/** A fixture with these steps from its start on; `head` is more lines before them. */
export function fixtureOf(steps: string, { file = 'topic/a.cache', kind = 'required', head = '' } = {}): Fixture {
  const parsed = parseFixture(`title  a claim\nrule   RFC 9111 §4\nkind   ${kind}\n${head}at 0s\n${steps}`, file);
  if (!parsed.ok) throw new Error(faultText(parsed.fault));
  return parsed.fixture;
}

/** A request that the origin answers, and then one that it does not see. */
export const hit = `client sends GET /a
origin receives GET /a
origin answers 200
  cache-control: max-age=60
  body one
client receives 200
  body one
client sends GET /a
origin silent
client receives 200
  body one
`;
