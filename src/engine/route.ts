import type { Fields } from '../http/fields.ts';
import { isSafe, type RequestHead } from '../http/message.ts';
import type { ForwardingConfig } from '../origin/forwarding.ts';
import type { Origin } from '../origin/origin.ts';
import type { PolicyConfig } from '../policy/config.ts';

/** What an operator has decided about some requests. */
export interface Route {
  readonly name: string;
  readonly origin: Origin;
  readonly policy: PolicyConfig;
  readonly forwarding: ForwardingConfig;
  /** The target that is keyed, and that the origin is asked for, in the place of the client's; undefined: the client's. */
  readonly rewrite: ((target: string) => string) | undefined;
  /** The fields of a request without the cookies that make no difference; undefined: all do. */
  readonly dropCookies: ((fields: Fields) => Fields) | undefined;
  /** Whether a request goes past the shelf; undefined: none does. */
  readonly bypasses: ((request: RequestHead) => boolean) | undefined;
  /** The fields that the origin gets, made of those that it would get. */
  readonly editRequest: ((fields: Fields) => Fields) | undefined;
  /** The fields that the client gets, made of those that it would get. What is stored stays as it came. */
  readonly editResponse: ((fields: Fields) => Fields) | undefined;
}

/** Which route a request takes. */
export interface Routes {
  /** For a request whose authority is believed; there is always one. */
  of(request: RequestHead): Route;
}

/** The request as its route has it: the same bytes are keyed, and asked for at the origin. What its client wrote goes along, for the log. */
export function onRoute(request: RequestHead, route: Route): RequestHead {
  const { rewrite } = route;
  const fields = fieldsOnRoute(request, route);
  const left = fields === request.fields ? request : { ...request, fields };
  if (rewrite === undefined) return left;
  const target = rewrite(request.target);
  return target === request.target ? left : { ...left, target, presentedTarget: request.target };
}

/** Cookies are left out of what may be answered from the shelf: what changes something, or goes past it, needs them. */
function fieldsOnRoute(request: RequestHead, { dropCookies, bypasses }: Route): Fields {
  if (dropCookies === undefined || !isSafe(request.method) || bypasses?.(request) === true) return request.fields;
  return dropCookies(request.fields);
}

/** All requests on one route, which leaves them as they are. */
export function onlyRoute(parts: Pick<Route, 'origin' | 'policy' | 'forwarding'>): Routes {
  const route: Route = {
    ...parts,
    name: 'default',
    rewrite: undefined,
    dropCookies: undefined,
    bypasses: undefined,
    editRequest: undefined,
    editResponse: undefined,
  };
  return { of: () => route };
}
