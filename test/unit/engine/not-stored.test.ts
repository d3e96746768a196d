import { describe, expect, it } from 'vitest';
import type { NotStored } from '../../../src/engine/not-stored.ts';
import type { RequestHead } from '../../../src/http/message.ts';
import { fieldsOf } from '../../../src/http/fields.ts';
import { stage } from './engine-stage.ts';
import { exchangeWith, RecordingSink } from './recording-sink.ts';

const head = (target: string): RequestHead => exchangeWith(new RecordingSink(), target).request;

/** What is remembered of a target once the origin has answered it so. */
async function rememberedAfter(...lines: (readonly [string, string])[]): Promise<NotStored | undefined> {
  const { ask, answer, engine } = stage();
  ask('/a');
  answer(0, ...lines);
  return (await engine.operations.inspect(head('/a'))).lastNotStored;
}

describe('a response that was not stored', () => {
  it('is remembered with its reason, and with what a cache decides by', async () => {
    const remembered = await rememberedAfter(['cache-control', 'private, max-age=60'], ['x-secret', 'yes']);
    expect(remembered).toMatchObject({ reason: 'private', response: { status: 200 } });
    expect(remembered?.response.fields).toEqual(
      fieldsOf(['date', expect.any(String)], ['cache-control', 'private, max-age=60']),
    );
  });

  it('is remembered without the value of a cookie', async () => {
    const remembered = await rememberedAfter(['set-cookie', 'id=alice; Path=/'], ['cache-control', 'max-age=60']);
    expect(remembered?.reason).toBe('set-cookie');
    expect(remembered?.response.fields).toContain('id=; Path=/');
  });

  it('is forgotten as a whole where its head is long', async () => {
    const vary = Array.from({ length: 600 }, (_, index) => `x-${index}-field`).join();
    expect(await rememberedAfter(['vary', vary], ['cache-control', 'max-age=60'])).toBeUndefined();
  });

  it('is not one that was stored', async () => {
    expect(await rememberedAfter(['cache-control', 'max-age=60'])).toBeUndefined();
  });

  it('gives way to more recent ones beyond the limit', async () => {
    const { ask, answer, engine } = stage({ maxNotStoredHeads: 2 });
    for (const [index, target] of ['/a', '/b', '/a', '/c'].entries()) {
      ask(target);
      answer(index, ['cache-control', 'no-store']);
    }
    const remembered = async (target: string): Promise<boolean> =>
      (await engine.operations.inspect(head(target))).lastNotStored !== undefined;
    expect([await remembered('/a'), await remembered('/b'), await remembered('/c')]).toEqual([true, false, true]);
  });
});
