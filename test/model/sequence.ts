/** What an origin does with a request, beside saying what it says. */
export type Fault =
  | 'none'
  /** It does not listen. */
  | 'refused'
  /** The connection ends before a head. */
  | 'broken'
  /** The connection ends in the middle of the content. */
  | 'truncated'
  /** The head waits until it is released, or the patience of the proxy is over. */
  | 'holds-head'
  /** The second half of the content waits so. */
  | 'holds-content';

/** How the origin answers for a target from now on. */
export interface Script {
  readonly status: number;
  /** Cache-Control; empty: none. */
  readonly control: string;
  /** Expires, in seconds from now. */
  readonly expires: number | undefined;
  readonly age: number | undefined;
  readonly vary: string;
  readonly validator: 'strong' | 'weak' | 'date' | 'none';
  /** Whether it answers 304 to who has what there is. */
  readonly validates: boolean;
  readonly setsCookie: boolean;
  /** Whether the content is made for the one user who asks. */
  readonly isPersonal: boolean;
  readonly tag: 'red' | 'blue' | undefined;
  readonly hasRanges: boolean;
  readonly framing: 'length' | 'chunks';
  readonly fault: Fault;
}

export interface RequestStep {
  readonly kind: 'request';
  readonly instance: number;
  readonly method: 'GET' | 'HEAD' | 'POST' | 'DELETE';
  /** Of `targets`. */
  readonly target: number;
  readonly user: string;
  readonly credentials: 'none' | 'cookie' | 'authorization';
  readonly language: 'de' | 'en' | undefined;
  readonly control: string | undefined;
  readonly range: string | undefined;
  /** Whether it names the entity-tag that its user saw last there. */
  readonly isConditional: boolean;
  /** Whether it is offered to `Engine.hit` first, as the fast lane does. */
  readonly isPlain: boolean;
  /** `never`: takes one piece of what it is sent, and no more. */
  readonly reads: 'all' | 'never';
  readonly settles: boolean;
}

/** What an instance has with the shelf beneath its memory. */
export type Trouble =
  /** One in so many calls fails. */
  | { readonly kind: 'calls-fail'; readonly oneIn: number }
  /** All of them do, and it hears nothing. */
  | { readonly kind: 'cut-off' }
  | { readonly kind: 'over' };

export type Step =
  | RequestStep
  | { readonly kind: 'script'; readonly target: number; readonly script: Script }
  /** The origin has another version from now on. */
  | { readonly kind: 'change'; readonly target: number }
  /** What the origin held back longest goes on. */
  | { readonly kind: 'release'; readonly how: 'go-on' | 'break-off' }
  /** Of the clients that wait, the one that came first leaves. */
  | { readonly kind: 'leave' }
  | {
      readonly kind: 'purge';
      readonly instance: number;
      readonly by: 'url' | 'prefix' | 'host' | 'tag' | 'all';
      readonly target: number;
      readonly mode: 'soft' | 'hard';
      readonly settles: boolean;
    }
  | { readonly kind: 'pass'; readonly ms: number }
  /** The event loop goes round so often, and whatever is under way is where it is. */
  | { readonly kind: 'turn'; readonly count: number }
  /** The wall clock is set to another time. */
  | { readonly kind: 'jump'; readonly ms: number }
  | { readonly kind: 'trouble'; readonly instance: number; readonly trouble: Trouble }
  /** `isCrash`: nothing that was begun is brought to an end, nobody is told. */
  | { readonly kind: 'restart'; readonly instance: number; readonly isCrash: boolean };

export interface Sequence {
  /** `memory`: each instance has its own and nothing else; the others have memory over a shelf that all share. */
  readonly shelf: 'memory' | 'at-once' | 'later';
  readonly instances: number;
  readonly memoryBytes: number;
  readonly steps: readonly Step[];
}

/** Two targets under one path and two authorities that have one of them. */
export const targets = [
  { authority: 'a.test', target: '/one' },
  { authority: 'a.test', target: '/dir/two' },
  { authority: 'a.test', target: '/dir/two?q=1' },
  { authority: 'b.test', target: '/one' },
] as const;

export type Target = (typeof targets)[number];
export const prefix = 'http://a.test/dir/';

export function targetAt(index: number): Target {
  return targets[index] ?? targets[0];
}

export function urlOf({ authority, target }: { readonly authority: string; readonly target: string }): string {
  return `http://${authority}${target}`;
}
