import type { EtagereError } from '../errors.ts';
import type { RequestHead } from '../http/message.ts';
import { gate, type GateLimits } from './gate.ts';

/** A request that somebody asks about. */
export interface Question {
  /** The target URI taken apart as it is keyed. */
  readonly uri: Pick<RequestHead, 'scheme' | 'authority' | 'target'>;
  /** GET unless said. */
  readonly method?: string | undefined;
  /** Request fields, each line a name and a value. With a Host among them it is asked for that name, as a client can that connects to another. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** The head that the engine would get from a client that asks so; an error where the gate would refuse it. */
export function requestFor({ uri, method = 'GET', fields }: Question, limits: GateLimits): RequestHead | EtagereError {
  const { scheme, authority, target } = uri;
  const hasHost = fields.some(([name]) => name.toLowerCase() === 'host');
  const lines = [...(hasHost ? [] : ['host', authority]), ...fields.flat()];
  const admitted = gate({ method, target, version: '1.1', fields: lines, scheme, localAuthority: authority }, limits);
  return admitted.ok ? admitted.request : admitted.error;
}
