import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Claim } from '../../src/store/claims.ts';
import { openRedis, type RedisBacking } from '../../src/store/redis/backing.ts';
import { RedisGround } from './redis-ground.ts';
import { hasRedis, RedisProcess } from './redis-server.ts';

function release(claim: Claim): void {
  if (claim.kind === 'granted') claim.release();
}

async function done(claim: Claim): Promise<void> {
  if (claim.kind === 'elsewhere') await claim.done;
}

describe.skipIf(!hasRedis)('claims in a Redis', () => {
  let server: RedisProcess;
  let ground: RedisGround;
  let instances: RedisBacking[];

  beforeAll(async () => {
    server = await RedisProcess.start();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    // Nothing is over by itself before the test is.
    ground = new RedisGround(server.url, { claimMs: 600_000, claimWaitMs: 600_000 });
    instances = await Promise.all(['a', 'b', 'c'].map((name) => ground.join(name)));
  });
  afterEach(() => ground.close());

  const claims = (name: string): Promise<Claim[]> =>
    Promise.all(instances.map(async (instance) => instance.claims.claim(name)));

  it('are granted to one of all', async () => {
    const kinds = (await claims('http:1:a/')).map(({ kind }) => kind);
    expect(kinds.toSorted()).toEqual(['elsewhere', 'elsewhere', 'granted']);
  });

  it('of different names have nothing to do with one another', async () => {
    const [first, second] = [await instances[0]?.claims.claim('one'), await instances[1]?.claims.claim('two')];
    expect([first?.kind, second?.kind]).toEqual(['granted', 'granted']);
  });

  it('are over for all who wait when they are released, and can be granted again', async () => {
    const first = await claims('name');
    const waiting = first.map(done);
    for (const claim of first) release(claim);
    await Promise.all(waiting);
    expect((await claims('name')).filter(({ kind }) => kind === 'granted')).toHaveLength(1);
  });

  it('are released once, and only by who has them', async () => {
    const first = await instances[0]?.claims.claim('name');
    if (first?.kind !== 'granted') throw new Error('not granted');
    first.release();
    const second = await instances[1]?.claims.claim('name');
    first.release();
    // Whatever that has done is done before this.
    expect((await instances[0]?.claims.claim('name'))?.kind).toBe('elsewhere');
    expect(second?.kind).toBe('granted');
  });

  it('of an instance that is gone end by themselves', async () => {
    const gone = await ground.join('gone', { claimMs: 1 });
    await gone.claims.claim('name');
    // The server counts that millisecond; by now it may have passed.
    let claim = await instances[0]?.claims.claim('name');
    while (claim?.kind === 'elsewhere') claim = await instances[0]?.claims.claim('name');
    expect(claim?.kind).toBe('granted');
  });

  it('of others are waited for up to a time', async () => {
    await instances[0]?.claims.claim('name');
    const hasty = await ground.join('hasty', { claimWaitMs: 1 });
    const claim = await hasty.claims.claim('name');
    expect(claim.kind).toBe('elsewhere');
    await done(claim);
  });

  it('of others are waited for by so many, and no more', async () => {
    await instances[0]?.claims.claim('name');
    const few = await ground.join('few', { maxClaimWaits: 1 });
    expect((await few.claims.claim('name')).kind).toBe('elsewhere');
    expect((await few.claims.claim('name')).kind).toBe('granted');
  });

  it('are waited for by nobody when the shelf is closed', async () => {
    await instances[0]?.claims.claim('name');
    const closing = await ground.join('closing');
    const claim = await closing.claims.claim('name');
    await closing.close();
    await done(claim);
    expect((await closing.claims.claim('name')).kind).toBe('granted');
  });

  it('are waited for by nobody when the server is gone that would tell of their end', async () => {
    const gone = await RedisProcess.start();
    const there = new RedisGround(gone.url, { claimMs: 600_000, claimWaitMs: 600_000 });
    const [first, second] = [await there.join('first'), await there.join('second')];
    await first.claims.claim('name');
    const claim = await second.claims.claim('name');
    expect(claim.kind).toBe('elsewhere');
    await gone.stop();
    await done(claim);
    await there.close();
  });

  it('are not waited for by who may not hear when they are over', async () => {
    server.ask('acl', 'setuser', 'deaf', 'on', '>secret', '~*', '+@all', '-subscribe', 'allchannels');
    await instances[0]?.claims.claim('name');
    const url = ground.url.replace('//', '//deaf:secret@');
    const deaf = await openRedis({ url, instance: 'deaf', say: () => {}, limits: { lookupMs: 5_000 } });
    expect((await deaf.claims.claim('name')).kind).toBe('granted');
    await deaf.close();
  });

  describe('of a server that freezes', () => {
    let frozen: RedisProcess;
    let there: RedisGround;

    beforeEach(async () => {
      frozen = await RedisProcess.start();
      const hasty = { lookupMs: 200, workMs: 400, silentMs: 300, connectMs: 300 };
      there = new RedisGround(frozen.url, { ...hasty, claimMs: 600_000, claimWaitMs: 600_000 });
    });
    afterEach(async () => {
      frozen.signal('SIGCONT');
      await there.close();
      await frozen.stop();
    });

    it('are let go of when it moves again, where that was meant meanwhile', async () => {
      const [first, second] = [await there.join('first'), await there.join('second')];
      const claim = await first.claims.claim('name');
      frozen.signal('SIGSTOP');
      await expect.poll(() => first.stats().isUp).toBe(false);
      release(claim);
      frozen.signal('SIGCONT');
      await expect.poll(() => first.stats().isUp && second.stats().isUp).toBe(true);
      await expect.poll(async () => (await second.claims.claim('name')).kind).toBe('granted');
    });

    it('are let go of where they are only granted when nobody waits for that any more', async () => {
      const [first, second] = [await there.join('first'), await there.join('second')];
      // From then on it knows the script, and would do as it says at once.
      await first.claims.claim('another');
      frozen.signal('SIGSTOP');
      const names = Array.from({ length: 10 }, (_, i) => `name ${i}`);
      await Promise.all(names.map((name) => first.claims.claim(name)));
      frozen.signal('SIGCONT');
      await expect.poll(() => first.stats().isUp && second.stats().isUp).toBe(true);
      for (const name of names) {
        await expect.poll(async () => (await second.claims.claim(name)).kind).toBe('granted');
      }
    });

    it('are not waited for by whoever has waited in vain for something else, before it is known that it is frozen', async () => {
      const first = await there.join('first', { maxTimeouts: 100, silentMs: 60_000 });
      frozen.signal('SIGSTOP');
      await first.claims.claim('waited for');
      expect(first.stats().isUp).toBe(true);
      const claimed = first.claims.claim('not waited for').then(({ kind }) => kind);
      expect(await Promise.race([claimed, new Promise(setImmediate)])).toBe('granted');
      frozen.signal('SIGCONT');
      await expect.poll(async () => (await first.claims.claim('not waited for')).kind).toBe('granted');
    });

    it('are let go of up to a bound', async () => {
      const [first, second] = [await there.join('first', { maxOwedClaims: 1 }), await there.join('second')];
      const held = [await first.claims.claim('older'), await first.claims.claim('newer')];
      frozen.signal('SIGSTOP');
      await expect.poll(() => first.stats().isUp).toBe(false);
      for (const claim of held) release(claim);
      frozen.signal('SIGCONT');
      await expect.poll(() => first.stats().isUp && second.stats().isUp).toBe(true);
      await expect.poll(async () => (await second.claims.claim('newer')).kind).toBe('granted');
      expect((await second.claims.claim('older')).kind).toBe('elsewhere');
    });
  });
});
