import { defaultLimits } from '../engine/limits.ts';
import { EtagereError } from '../errors.ts';
import type { RequestHead } from '../http/message.ts';
import { gate } from '../listener/gate.ts';

/** A request that somebody asks about. */
export interface Question {
  /** Absolute http(s) URL, without fragment. */
  readonly url: string;
  /** GET unless said. */
  readonly method?: string;
  /** Request fields, each line a name and a value. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** The head that the engine would get from a client that asks so; an error where the gate would refuse it. */
export function requestFor({ url, method = 'GET', fields }: Question): RequestHead | EtagereError {
  const [, scheme = '', authority = ''] = /^(https?):\/\/([^/?#]*)/i.exec(url) ?? [];
  if (authority === '') return new EtagereError('REQUEST_TARGET_INVALID', 'not an absolute http or https URL');
  const admitted = gate(
    {
      method,
      target: url,
      version: '1.1',
      fields: ['host', authority, ...fields.filter(([name]) => name.toLowerCase() !== 'host').flat()],
      scheme: scheme.toLowerCase() === 'https' ? 'https' : 'http',
      localAuthority: '',
    },
    defaultLimits,
  );
  return admitted.ok ? admitted.request : admitted.error;
}
