import { isSecretName, mayNameSecret } from './secret-names.ts';

/**
 * The target as it may stand in a log: the value of a query parameter whose name looks secret is `[redacted]`. Everything else
 * is left byte by byte, so that a line can be found by its URL.
 */
export function redactedTarget(target: string): string {
  const query = target.indexOf('?');
  if (query === -1 || !(mayNameSecret(target.slice(query + 1)) || target.includes('%', query))) return target;
  const parameters = target
    .slice(query + 1)
    .split('&')
    .map(redactedParameter);
  return `${target.slice(0, query)}?${parameters.join('&')}`;
}

function redactedParameter(parameter: string): string {
  const equals = parameter.indexOf('=');
  if (equals === -1 || !isSecret(parameter.slice(0, equals))) return parameter;
  return `${parameter.slice(0, equals)}=[redacted]`;
}

/** A name that can't be decoded is taken as secret: a log line is not worth the risk. */
function isSecret(name: string): boolean {
  try {
    return isSecretName(decodeURIComponent(name));
  } catch {
    return true;
  }
}
