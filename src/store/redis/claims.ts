import { createHash, randomBytes } from 'node:crypto';
import type { Claim, Claims } from '../claims.ts';
import type { RowParts } from './rows.ts';
import { script } from './script.ts';
import { run } from './servers.ts';

/** Claims a name, or marks the claim that there is as one that is waited for. ARGV: token, ms. Replies 1 where it is claimed. */
const takeClaim = script(`
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
if redis.call('STRLEN', KEYS[1]) == #ARGV[1] then redis.call('APPEND', KEYS[1], '+') end
return 0
`);

/** Releases a claim, and says so where somebody waits. ARGV: token, channel, message. */
const releaseClaim = script(`
local token = redis.call('GET', KEYS[1])
if not token or string.sub(token, 1, #ARGV[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
if #token > #ARGV[1] then redis.call('PUBLISH', ARGV[2], ARGV[3]) end
return 1
`);

export interface ClaimsParts extends RowParts {
  /** Whether it is heard at the moment when a claim is over. */
  readonly hears: () => boolean;
}

/** Claims as keys that expire: of an instance that dies, nothing stays claimed for longer than that. */
export class RedisClaims implements Claims {
  readonly #parts: ClaimsParts;
  readonly #waiting = new Map<string, Set<Wait>>();
  /** Names by token of what could not be let go of: it may still be claimed, though nobody wants it any more. The oldest first. */
  readonly #owed = new Map<string, string>();
  #waits = 0;

  constructor(parts: ClaimsParts) {
    this.#parts = parts;
  }

  async claim(name: string): Promise<Claim> {
    const { servers, keys, limits } = this.#parts;
    const digest = createHash('sha256').update(name).digest('hex').slice(0, 32);
    const key = keys.claim(digest);
    // Whoever has waited for a look-up in vain is not to wait a second time.
    if (!servers.isPrompt(key) || this.#waits >= limits.maxClaimWaits) return unclaimed;
    const token = randomBytes(8).toString('hex');
    const wait = this.#wait(digest);
    try {
      const args = [token, String(limits.claimMs)];
      const reply = await run(servers, takeClaim, { keys: [key], args }, { ms: limits.lookupMs });
      if (reply === 0) {
        if (this.#parts.hears()) return { kind: 'elsewhere', done: wait.done };
        wait.end();
        return unclaimed;
      }
    } catch {
      // It may have been claimed all the same.
      void this.#release(digest, token);
      wait.end();
      return unclaimed;
    }
    wait.end();
    return { kind: 'granted', release: () => void this.#release(digest, token) };
  }

  /** What was published of claims that are over. */
  heard(digest: string): void {
    for (const wait of this.#waiting.get(digest) ?? []) wait.end();
  }

  /** Nobody is waited for any more: nothing would be heard of that. */
  giveUp(): void {
    for (const wait of [...this.#waiting.values()].flatMap((waits) => [...waits])) wait.end();
  }

  /** A server is in use again, or another one in its place: what was to be let go of meanwhile is let go of now, one after the other. */
  async settle(): Promise<void> {
    const owed = [...this.#owed];
    this.#owed.clear();
    for (const [token, digest] of owed) await this.#release(digest, token);
  }

  async #release(digest: string, token: string): Promise<void> {
    const { servers, keys, limits } = this.#parts;
    const args = [token, keys.released, digest];
    try {
      await run(servers, releaseClaim, { keys: [keys.claim(digest)], args }, { ms: limits.workMs });
    } catch {
      this.#owed.set(token, digest);
      const [oldest] = this.#owed.keys();
      if (this.#owed.size > limits.maxOwedClaims && oldest !== undefined) this.#owed.delete(oldest);
    }
  }

  /** Begun before the claim is asked for, so that nothing is missed. */
  #wait(digest: string): Wait {
    const waits = this.#waiting.get(digest) ?? new Set();
    this.#waiting.set(digest, waits);
    const wait = new Wait(this.#parts.limits.claimWaitMs, () => {
      this.#waits--;
      waits.delete(wait);
      if (waits.size === 0 && this.#waiting.get(digest) === waits) this.#waiting.delete(digest);
    });
    waits.add(wait);
    this.#waits++;
    return wait;
  }
}

/** One who waits for a claim of others, for so long at most. */
class Wait {
  readonly done: Promise<void>;
  readonly #timer: NodeJS.Timeout;
  #resolve: (() => void) | undefined;
  readonly #ended: () => void;

  constructor(ms: number, ended: () => void) {
    this.#ended = ended;
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#timer = setTimeout(() => this.end(), ms);
    this.#timer.unref();
  }

  end(): void {
    const resolve = this.#resolve;
    if (resolve === undefined) return;
    this.#resolve = undefined;
    clearTimeout(this.#timer);
    this.#ended();
    resolve();
  }
}

const unclaimed: Claim = { kind: 'granted', release: () => undefined };
