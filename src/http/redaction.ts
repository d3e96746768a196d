import { isSecretName, mayNameSecret } from './secret-names.ts';

/** The beginning of a parameter: of a query, of a fragment or of a path, as it is or percent-encoded in the value of another. */
const parameter =
  /(?<delimiter>[?&#;]|%(?:3F|26|23|3B))(?<name>(?:(?!%(?:3F|26|23|3B|3D))[^?&#;=\s"'<>])+)(?<equals>=|%3D)/gi;

/** Where a value ends: in a query or a fragment, in a segment of a path (RFC 3986 §3.3), and percent-encoded in the value of another. */
const ends = {
  query: /[&#\s"<>]/g,
  segment: /[/?;&#\s"<>]/g,
  encoded: /[&#\s"<>]|%(?:26|23)/gi,
  encodedSegment: /[&#\s"<>]|%(?:2F|3F|3B|26|23)/gi,
} as const;

/**
 * A target, a URL or a text with URLs in it as it may stand in a log: the value of a parameter whose name looks secret is `[redacted]`, also within a URL
 * that is itself the value of a parameter. Everything else is left byte by byte, so that a line can be found by its URL.
 */
export function redactedTarget(target: string): string {
  if (!(mayNameSecret(target) || target.includes('%'))) return target;
  let shown = '';
  let at = 0;
  parameter.lastIndex = 0;
  for (let found = parameter.exec(target); found !== null; found = parameter.exec(target)) {
    const { delimiter = '', name = '' } = found.groups ?? {};
    // What follows an equals sign may be a URL, with parameters of its own.
    if (!isSecret(name)) continue;
    shown += `${target.slice(at, parameter.lastIndex)}[redacted]`;
    at = endOfValue(target, parameter.lastIndex, delimiter);
    parameter.lastIndex = at;
  }
  return shown + target.slice(at);
}

function endOfValue(text: string, from: number, delimiter: string): number {
  const end = ends[placeOf(delimiter)];
  end.lastIndex = from;
  return end.exec(text)?.index ?? text.length;
}

function placeOf(delimiter: string): keyof typeof ends {
  if (delimiter === ';') return 'segment';
  if (!delimiter.startsWith('%')) return 'query';
  return /^%3b$/i.test(delimiter) ? 'encodedSegment' : 'encoded';
}

/** A name that can't be decoded is taken as secret: a log line is not worth the risk. */
function isSecret(name: string): boolean {
  try {
    return isSecretName(decodeURIComponent(name));
  } catch {
    return true;
  }
}
