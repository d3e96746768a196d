import type { ServerHttp2Session } from 'node:http2';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { endBetweenReads } from '../../../src/listener/http2-end.ts';

/** A session that writes down what is done with it. */
function session(closed: boolean): { readonly done: unknown[]; readonly destroy: (error?: Error) => void } {
  const done: unknown[] = [];
  const made = {
    closed,
    destroyed: false,
    destroy(error?: Error): void {
      made.destroyed = true;
      done.push(['destroyed', error?.message]);
    },
  };
  endBetweenReads(made as unknown as ServerHttp2Session, () => done.push('streams closed'));
  return { done, destroy: (error) => made.destroy(error) };
}

it('ends a session after the turn in which that is asked for, once, and its streams before it', async () => {
  const { done, destroy } = session(false);
  destroy(new Error('a flood'));
  destroy(new Error('again'));
  expect(done).toEqual([]);
  await nextTurn();
  expect(done).toEqual(['streams closed', ['destroyed', 'a flood']]);
});

it('ends one at once on which nothing is under way, and nothing will be', () => {
  const { done, destroy } = session(true);
  destroy();
  expect(done).toEqual([['destroyed', undefined]]);
});

it('does not end one at once for an error, whoever was told what', async () => {
  const { done, destroy } = session(true);
  destroy(new Error('of the client'));
  expect(done).toEqual([]);
  await nextTurn();
  expect(done).toHaveLength(2);
});
