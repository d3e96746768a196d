import type { NotStoredReason, ReuseDetail } from '../policy/decision.ts';

/** What a detail of Cache-Status means and what to do about it, in Markdown. The same words stand in docs/cache-status.md; a test holds them together. */
export interface DetailText {
  readonly meaning: string;
  /** The section that has it; `—` where no RFC does. */
  readonly section: string;
  readonly remedy: string;
}

export const detailTexts: Readonly<Record<NotStoredReason | ReuseDetail, DetailText>> = {
  method: {
    meaning: 'The method is HEAD, or not one whose responses are stored; after `fwd=method` it is not said again.',
    section: 'RFC 9111 §3',
    remedy: 'Nothing: answer with GET what is to be cached.',
  },
  'request-content': {
    meaning: 'The request had content, which is no part of the key.',
    section: 'RFC 9110 §9.3.1',
    remedy: 'Put what selects the answer into the URL.',
  },
  'bypass-rule': {
    meaning: 'A rule of the operator (`bypass` in the configuration) sends the request past the shelf.',
    section: 'RFC 9111 §3',
    remedy: 'Narrow the rule, if this is to be cached.',
  },
  'request-no-store': {
    meaning: "The client said `no-store`, or a Cache-Control that can't be read.",
    section: 'RFC 9111 §5.2.1.5',
    remedy: 'Nothing: the client does not want it stored.',
  },
  'no-store': {
    meaning: 'The response says `no-store`.',
    section: 'RFC 9111 §5.2.2.5',
    remedy: 'Leave it out; `no-cache` is what is often meant: stored, and validated before each use.',
  },
  private: {
    meaning: "The response says `private`: for one user's own cache.",
    section: 'RFC 9111 §5.2.2.7',
    remedy: 'Leave it out if everyone may see it; `private="set-cookie"` limits it to a field.',
  },
  authorization: {
    meaning: 'The request had Authorization, and the response does not say that it may be shared.',
    section: 'RFC 9111 §3.5',
    remedy: 'If it is the same for everyone: `public`, `s-maxage=…` or `must-revalidate`.',
  },
  'not-modified': {
    meaning: "A 304 to the client's own precondition: there is nothing to store.",
    section: 'RFC 9111 §4.3.3',
    remedy: 'Nothing.',
  },
  status: {
    meaning: 'The status is not final, or is one that this cache does not store.',
    section: 'RFC 9111 §3',
    remedy: 'Nothing.',
  },
  partial: {
    meaning: 'A 206 that does not say plainly which one run of bytes it brings.',
    section: 'RFC 9111 §3.3',
    remedy: 'Send one valid Content-Range.',
  },
  'must-understand': {
    meaning: 'The response says `must-understand`, with a status that this cache does not understand.',
    section: 'RFC 9111 §5.2.2.3',
    remedy: 'Leave it out, or use a registered status.',
  },
  'cache-control-malformed': {
    meaning: "Its Cache-Control can't be read: an unterminated string, a name that is no token. In doubt it forbids.",
    section: 'RFC 9111 §4.2.1',
    remedy: 'Mend the field.',
  },
  'set-cookie': {
    meaning: 'It sets a cookie and was not said to be for all.',
    section: 'RFC 9111 §7.3',
    remedy:
      'Do not set cookies on what is to be shared; or say `public` or `s-maxage`: then it is stored, without the cookie.',
  },
  credentials: {
    meaning:
      'The request had Cookie or Authorization, and the origin gave the response no lifetime above 0: any other is a guess.',
    section: 'RFC 9111 §7.3',
    remedy:
      'Say it: `max-age=…` or `s-maxage=…`. Where the answer is the same for everyone, `ttl` with `force: true` in the configuration does too, but not for answers to Authorization.',
  },
  'vary-star': {
    meaning: '`Vary: *` never matches.',
    section: 'RFC 9111 §4.1',
    remedy: 'Name the request fields that matter.',
  },
  'vary-forwarded': {
    meaning:
      "Vary names a field that this proxy writes itself (Forwarded, X-Forwarded-For, Via): requests can't be told apart by it.",
    section: 'RFC 9111 §4.1',
    remedy: "Take it out of Vary; if the answer does depend on the client's address, say `private`.",
  },
  'unkeyed-claim': {
    meaning:
      'A proxy before us (`--trust-proxy`) sent a field like X-Forwarded-User or X-Forwarded-Port with the request, and Vary does not name it: the response may be made for that client.',
    section: 'RFC 9111 §4.1',
    remedy: 'Name the field in Vary if the answer depends on it; else have the proxy leave it out.',
  },
  'unkeyed-echo': {
    meaning:
      'The response repeats what this client has sent in a field that neither the key nor Vary holds, as X-Host or User-Agent: stored, it would say that to everyone. Also where its content coding can not be looked into.',
    section: 'RFC 9111 §7.1',
    remedy:
      'Do not build answers from that field, or name it in Vary. Where it is known to do no harm, run with `--allow-unkeyed-echo`, or say `allowUnkeyedEcho` for the route.',
  },
  'too-many-groups': {
    meaning: 'It belongs to more groups (Cache-Groups) than are remembered: 64, with 64 characters each.',
    section: 'RFC 9875 §2.1',
    remedy: 'Name fewer, by shorter names.',
  },
  'too-many-tags': {
    meaning: 'It has more tags (Surrogate-Key, Cache-Tag, xkey) than are remembered: 1,000, with 16 KiB together.',
    section: '—',
    remedy: 'Send fewer, or shorter ones.',
  },
  'vary-too-wide': {
    meaning: 'Vary names more fields than are allowed.',
    section: 'RFC 9111 §4.1',
    remedy: 'Name those that matter.',
  },
  'no-explicit-freshness': {
    meaning:
      'Nothing makes it storable: no lifetime, no `public`, and its status is not one whose freshness may be guessed.',
    section: 'RFC 9111 §3',
    remedy: '`Cache-Control: max-age=…`.',
  },
  'no-freshness': {
    meaning: 'The origin says nothing that makes it fresh, and there is no ETag or Last-Modified to validate it by.',
    section: 'RFC 9111 §4.2',
    remedy: '`Cache-Control: max-age=…`, or an ETag; or run with `--default-ttl`.',
  },
  expired: {
    meaning:
      'The lifetime that the origin gave is over already (`max-age=0`, Expires in the past, a large Age), and there is no validator.',
    section: 'RFC 9111 §4.2',
    remedy: 'A longer lifetime, or an ETag: then it is stored and validated.',
  },
  'no-validator': {
    meaning: 'It must be validated before each use (`no-cache`), and has nothing to validate it by.',
    section: 'RFC 9111 §5.2.2.4',
    remedy: 'Send an ETag, or give it a lifetime in place of `no-cache`.',
  },
  'too-large': {
    meaning: 'Larger than one stored response may be.',
    section: '—',
    remedy: 'Raise `--memory`, with `--store disk:DIRECTORY` `--disk`, or `--max-object-share`.',
  },
  invalidated: {
    meaning: 'The URI was changed by another request, or the response purged, while it was on its way.',
    section: 'RFC 9111 §4.4',
    remedy: 'Nothing: the next one is stored.',
  },
  superseded: {
    meaning:
      'When it was complete, a more recent response was stored already, or one that has all of it and more; or when it came, the same was on its way to a disk or Redis for another request.',
    section: 'RFC 9111 §4',
    remedy: 'Nothing: what is stored is the better one.',
  },
  'not-admitted': {
    meaning:
      'The shelf is full of what is asked for more often, and so much was arriving at once that others would have had to go for it.',
    section: '—',
    remedy:
      'Nothing, if it was a flood of what is asked for once: it is stored when it is asked for more often. Else raise `--memory`.',
  },
  'store-refused': {
    meaning: 'The shelf had no room for it, failed, or wrote nothing for `--shelf-stall-timeout`.',
    section: '—',
    remedy: 'Raise `--memory`, or `--disk`, if it happens often.',
  },
  incomplete: {
    meaning: 'The origin broke off, or took too long after the clients had gone.',
    section: 'RFC 9111 §3.3',
    remedy: "Look at the origin's log.",
  },
  'request-no-cache': {
    meaning: 'The client said `no-cache` (browsers do on a forced reload), so the origin is asked.',
    section: 'RFC 9111 §5.2.1.4',
    remedy: 'Nothing: clients may.',
  },
  'request-max-age': {
    meaning: "It is older than the client's `max-age` allows; `max-age=0` is a browser's reload.",
    section: 'RFC 9111 §5.2.1.1',
    remedy:
      'Nothing: clients may. Responses with `immutable` are left alone on a reload, if they came with a length or in chunks.',
  },
  'request-min-fresh': {
    meaning: "It does not stay fresh for as long as the client's `min-fresh` wants.",
    section: 'RFC 9111 §5.2.1.3',
    remedy: 'Nothing: clients may.',
  },
  'request-too-often': {
    meaning:
      'The client wanted validation (`no-cache`, `max-age=0`), as others did within this second more often than `--requested-validations` allows for one URL: it is fresh, and was used as it is.',
    section: 'RFC 9111 §5.2.1',
    remedy: 'Nothing, if it was a flood. Else raise `--requested-validations`.',
  },
  'request-credentials': {
    meaning:
      'The request has Cookie or Authorization, and the origin gave the stored response no lifetime above 0: the one that it has is a guess.',
    section: 'RFC 9111 §7.3',
    remedy:
      'State a lifetime: `max-age=…`. Where the answer is the same for everyone, `ttl` with `force: true` in the configuration does too.',
  },
  'request-malformed': {
    meaning: "The client's Cache-Control can't be read: in doubt it asks for validation.",
    section: 'RFC 9111 §4.2.1',
    remedy: 'Mend the client.',
  },
  'request-precondition': {
    meaning: 'A precondition that only the origin may evaluate: If-Match, If-Unmodified-Since.',
    section: 'RFC 9111 §4.3.2',
    remedy: 'Nothing.',
  },
  'no-cache': {
    meaning: 'The stored response says `no-cache`: it is validated before each use.',
    section: 'RFC 9111 §5.2.2.4',
    remedy: 'Give it a lifetime, if it may be used without asking.',
  },
  'stale-while-revalidate': {
    meaning: 'Served stale, while it is validated in the background.',
    section: 'RFC 5861 §3',
    remedy: 'Nothing: the origin allows it.',
  },
  'max-stale': {
    meaning: 'Served stale, because the client accepts it (`--preset rfc` only).',
    section: 'RFC 9111 §5.2.1.2',
    remedy: 'Nothing.',
  },
  'stale-if-error': {
    meaning:
      'Served because the origin failed when it was asked: `fwd-status` has its answer, Proxy-Status its error where there was none. `ttl` is negative where the response is stale; where it is fresh still, the request itself had asked for the origin (`fwd=request`).',
    section: 'RFC 5861 §4',
    remedy: 'Look at the origin.',
  },
};
