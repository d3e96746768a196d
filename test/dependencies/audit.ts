/** What came of an audit: holes that are known, or that nobody could be asked. */
export type Audit =
  | { readonly kind: 'audited'; readonly holes: readonly string[] }
  | { readonly kind: 'not-audited'; readonly reason: string };

/** What `npm audit --json` prints: a report, or the error for which there is none. */
interface Printed {
  readonly auditReportVersion?: number;
  readonly vulnerabilities?: Readonly<Record<string, Hole>>;
  /** In words; of an answer by HTTP begins with the status. */
  readonly message?: string;
  /** What was asked for. */
  readonly uri?: string;
  readonly error?: { readonly code?: string; readonly summary?: string };
}

interface Hole {
  readonly severity: string;
  readonly range: string;
  /** Advisories, or the names of packages that have one. */
  readonly via: readonly (string | { readonly title: string; readonly url: string })[];
}

const grave = ['high', 'critical'];

/**
 * Reads it. A registry that serves no audits, or that can't be reached, is no hole; whatever else npm has to say instead of a report is a mistake of ours, such as a lock file that is missing.
 * @throws Error for such, and for what is no JSON
 */
export function readAudit(printed: string): Audit {
  const { auditReportVersion, vulnerabilities, message = '', uri, error }: Printed = JSON.parse(printed);
  if (auditReportVersion !== undefined && vulnerabilities !== undefined) {
    return { kind: 'audited', holes: Object.entries(vulnerabilities).flatMap(holeOf) };
  }
  const isOfRegistry = uri !== undefined || /^request to \S+ failed/.test(message);
  if (error?.code !== undefined || !isOfRegistry) {
    throw new Error(`npm audit failed: ${[error?.code, error?.summary, message].filter(Boolean).join(', ')}`);
  }
  return { kind: 'not-audited', reason: message };
}

function holeOf([name, { severity, range, via }]: readonly [string, Hole]): string[] {
  if (!grave.includes(severity)) return [];
  const why = via.map((each) => (typeof each === 'string' ? `by ${each}` : `${each.title} (${each.url})`));
  return [`${severity}: ${name} ${range}: ${why.join('; ')}`];
}
