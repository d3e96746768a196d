import type { MaybePromise } from './maybe-promise.ts';

/** What comes of asking to be the one who asks the origin. */
export type Claim =
  /** Nobody else who shares the shelf asks for it. To be released when what was asked for is on the shelf, or will not be. */
  | { readonly kind: 'granted'; readonly release: () => void }
  /** Somebody else does. `done` resolves when that is over, or was waited for long enough; it never rejects. */
  | { readonly kind: 'elsewhere'; readonly done: Promise<void> };

/** So that of all who share a shelf one asks the origin for the same thing at a time. */
export interface Claims {
  /** Never rejects, and resolves within a bounded time: granted, where it can't be told. */
  claim(name: string): MaybePromise<Claim>;
}
