import { redactedTarget } from './redaction.ts';
import { isSecretName } from './secret-names.ts';

/** Fields whose values are credentials although their names do not tell. */
const credentials: ReadonlySet<string> = new Set(['cookie']);

/** Fields that only look like secrets: challenges and permissions, and what responses are purged by. */
const open: ReadonlySet<string> = new Set([
  'access-control-allow-credentials',
  'proxy-authenticate',
  'surrogate-key',
  'www-authenticate',
  'x-cache-key',
  'xkey',
]);

/**
 * The value of a field line as it may be shown to somebody else than the one who sent it: of what gives power to its reader only the length, of a cookie that is
 * set only its name and attributes (RFC 6265 §4.1.1; without an equals sign there is no name, and all before the attributes is the value), of URLs what `redactedTarget` leaves. `name` is lower-case.
 */
export function shownValue(name: string, value: string): string {
  if (name === 'set-cookie') return value.replace(/^(?:([^=;]*)=)?[^;]*/, (_, cookie) => named(cookie));
  if (open.has(name)) return value;
  return credentials.has(name) || isSecretName(name) ? `(${value.length} characters)` : redactedTarget(value);
}

function named(cookie: string | undefined): string {
  return cookie === undefined ? '…' : `${cookie}=…`;
}
