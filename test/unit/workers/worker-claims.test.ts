import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Claim } from '../../../src/store/claims.ts';
import { ClaimTable } from '../../../src/workers/claim-table.ts';
import { WorkerClaims } from '../../../src/workers/worker-claims.ts';
import { Crew, type CrewMember } from './crew.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function claiming(crew: Crew): CrewMember & { readonly claims: WorkerClaims } {
  const member = crew.join();
  return { ...member, claims: new WorkerClaims(member.channel) };
}

function releaseOf(claim: Claim): () => void {
  if (claim.kind !== 'granted') throw new Error('it was claimed elsewhere');
  return claim.release;
}

function doneOf(claim: Claim): Promise<void> {
  if (claim.kind !== 'elsewhere') throw new Error('it was granted');
  return claim.done;
}

/** Whether it has been kept by now. */
async function isKept(promise: Promise<void>): Promise<boolean> {
  let kept = false;
  void promise.then(() => {
    kept = true;
  });
  await vi.advanceTimersByTimeAsync(0);
  return kept;
}

describe('claims of workers', () => {
  it('are granted to one at a time, and tell the others when it is over', async () => {
    const crew = new Crew();
    const [first, second] = [claiming(crew), claiming(crew)];
    const release = releaseOf(await first.claims.claim('a'));
    const done = doneOf(await second.claims.claim('a'));
    expect(await isKept(done)).toBe(false);
    release();
    expect(await isKept(done)).toBe(true);
    expect((await second.claims.claim('a')).kind).toBe('granted');
  });

  it('have nothing to do with those of other names', async () => {
    const crew = new Crew();
    const [first, second] = [claiming(crew), claiming(crew)];
    await first.claims.claim('a');
    expect((await second.claims.claim('b')).kind).toBe('granted');
  });

  it('are free when the worker that holds them dies', async () => {
    const crew = new Crew();
    const [first, second] = [claiming(crew), claiming(crew)];
    await first.claims.claim('a');
    const done = doneOf(await second.claims.claim('a'));
    first.leave('died');
    expect(await isKept(done)).toBe(true);
    expect((await second.claims.claim('a')).kind).toBe('granted');
  });

  it('are waited for no longer than ten seconds', async () => {
    const crew = new Crew();
    const [first, second] = [claiming(crew), claiming(crew)];
    await first.claims.claim('a');
    const done = doneOf(await second.claims.claim('a'));
    await vi.advanceTimersByTimeAsync(9_999);
    expect(await isKept(done)).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await isKept(done)).toBe(true);
  });

  it('are granted where the primary process does not say', async () => {
    const crew = new Crew();
    const first = claiming(crew);
    first.leave('died');
    const claim = first.claims.claim('a');
    await vi.advanceTimersByTimeAsync(500);
    expect((await claim).kind).toBe('granted');
  });

  it('give back what is granted after nobody waits for it any more', async () => {
    const sent: unknown[] = [];
    const listeners: ((message: { kind: 'granted'; call: number }) => void)[] = [];
    const claims = new WorkerClaims({
      send: (message) => {
        sent.push(message);
        return Promise.resolve();
      },
      listen: (listener) => {
        listeners.push(listener);
      },
    });
    const claim = claims.claim('a');
    await vi.advanceTimersByTimeAsync(500);
    expect((await claim).kind).toBe('granted');
    for (const tell of listeners) tell({ kind: 'granted', call: 1 });
    expect(sent).toEqual([
      { kind: 'claim', call: 1, name: 'a' },
      { kind: 'release', call: 1 },
    ]);
  });

  it('are released once, however often that is said', () => {
    const over: number[] = [];
    const table = new ClaimTable(({ call }) => over.push(call));
    table.claim('a', { worker: 1, call: 1 });
    table.claim('a', { worker: 2, call: 5 });
    table.release({ worker: 1, call: 1 });
    table.claim('a', { worker: 2, call: 6 });
    table.release({ worker: 1, call: 1 });
    expect(over).toEqual([5]);
    expect(table.size).toBe(1);
  });

  it('are remembered up to a number, and granted beyond it', () => {
    const table = new ClaimTable(() => undefined);
    for (let call = 0; call < 100_001; call++) table.claim(`${call}`, { worker: 1, call });
    expect(table.size).toBe(100_000);
    expect(table.claim('100000', { worker: 2, call: 1 })).toBe('granted');
  });
});
