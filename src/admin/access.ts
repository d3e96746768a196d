import { createHash, timingSafeEqual } from 'node:crypto';
import { isLoopback } from '../config/addresses.ts';
import { EtagereError } from '../errors.ts';
import { wasForwarded } from '../http/claims.ts';
import { fieldLines, fieldValue, hasField } from '../http/fields.ts';
import type { RequestHead } from '../http/message.ts';
import { networkOf } from '../http/peer-address.ts';
import { maxWrongTokens } from './limits.ts';
import type { WrongTokens } from './wrong-tokens.ts';

/**
 * Who may have something: `open`: whoever reaches the listener, for probes; `page`: the files of the page, which hold nothing of the cache, and which a browser
 * must have before anyone can give it a token; `guarded`: everything else.
 */
export type Access = 'open' | 'page' | 'guarded';

/** The digest of a token, or of what was sent as one: of the same length whatever it was, so that the comparison takes the same time. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/**
 * Decides who may ask. Where there is a token, whoever has it; else whoever is on this machine and not a web site in a browser here: the Host must be a name of this
 * machine, or a site whose name was made to resolve to it (DNS rebinding) could ask. Never a site of another origin: no answer allows it to read anything,
 * and what it sends must do nothing either.
 */
export class Doorkeeper {
  readonly #token: () => string | undefined;
  readonly #wrongTokens: WrongTokens;

  /** @param token It may become another while the process runs. */
  constructor(token: () => string | undefined, wrongTokens: WrongTokens) {
    this.#token = token;
    this.#wrongTokens = wrongTokens;
  }

  /** Why this request is refused: ADMIN_CLIENT_REFUSED, ADMIN_HOST_REFUSED, ADMIN_CROSS_SITE, ADMIN_TOKEN_REQUIRED, ADMIN_TOKEN_TRIES; undefined where it is not. */
  refusal(request: RequestHead, peer: string, access: Access): EtagereError | undefined {
    if (access === 'open') return undefined;
    if (isCrossSite(request) && !(access === 'page' && isNavigation(request))) {
      return new EtagereError('ADMIN_CROSS_SITE', 'a browser sent this for a page of another origin');
    }
    const token = this.#token();
    if (token === undefined) return localFault(request, peer);
    return access === 'page' ? undefined : this.#tokenFault(request, peer, token);
  }

  #tokenFault(request: RequestHead, peer: string, token: string): EtagereError | undefined {
    if (!hasField(request.fields, 'authorization')) {
      return new EtagereError('ADMIN_TOKEN_REQUIRED', 'send it as Authorization: Bearer …');
    }
    // First: whoever sends wrong ones from the same address must not keep out who has it, and nobody finds one that long by trying.
    if (hasToken(request, token)) return undefined;
    if (this.#wrongTokens.isHeld(peer)) {
      return new EtagereError(
        'ADMIN_TOKEN_TRIES',
        `${networkOf(peer)} has sent ${maxWrongTokens} wrong ones, and may send one more each second`,
      );
    }
    this.#wrongTokens.note(peer);
    return new EtagereError('ADMIN_TOKEN_REQUIRED', 'Authorization has another token than this listener');
  }
}

function hasToken(request: RequestHead, token: string): boolean {
  const lines = fieldLines(request.fields, 'authorization');
  const [, sent] = /^bearer +([^\s,]+)$/i.exec(lines.length === 1 ? (lines[0] ?? '') : '') ?? [];
  return sent !== undefined && timingSafeEqual(digest(sent), digest(token));
}

/** What keeps a request from being one of somebody on this machine. */
function localFault({ fields, authority }: RequestHead, peer: string): EtagereError | undefined {
  if (!isLoopback(peer)) {
    return new EtagereError('ADMIN_CLIENT_REFUSED', `${peer} is not the loopback address, and no token is set`);
  }
  if (wasForwarded(fields)) {
    return new EtagereError('ADMIN_CLIENT_REFUSED', 'it came by way of a proxy, and no token is set');
  }
  if (isLoopback(hostOf(authority))) return undefined;
  return new EtagereError(
    'ADMIN_HOST_REFUSED',
    'Host is not a name of the loopback address; ask for localhost or 127.0.0.1',
  );
}

/** An authority without its port and brackets. */
function hostOf(authority: string): string {
  return /^\[(.*)\]/.exec(authority)?.[1] ?? authority.replace(/:\d+$/, '');
}

/**
 * Whether a browser says that a page of another origin asks. `same-site` is another one too: what a user runs on another port of this machine is not us. Programs say
 * nothing, and browsers older than Sec-Fetch-Site still send Origin with whatever could change something.
 */
function isCrossSite({ fields, authority }: RequestHead): boolean {
  const site = fieldValue(fields, 'sec-fetch-site');
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  const origin = fieldValue(fields, 'origin');
  return origin !== undefined && origin !== `http://${authority}` && origin !== `https://${authority}`;
}

/** Whether a browser asks for a page of its own, as when somebody follows a link. */
function isNavigation({ fields }: RequestHead): boolean {
  return fieldValue(fields, 'sec-fetch-mode') === 'navigate' && fieldValue(fields, 'sec-fetch-dest') === 'document';
}
