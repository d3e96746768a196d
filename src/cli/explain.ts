import { parseOrigin } from '../config/addresses.ts';
import { readOptions } from '../config/flags.ts';
import { resolveSettings } from '../config/resolve.ts';
import type { Settings } from '../config/settings.ts';
import { at, UsageError } from '../config/usage-error.ts';
import { EtagereError } from '../errors.ts';
import { lint } from '../explain/lint.ts';
import type { LiveExplanation } from '../explain/live-explanation.ts';
import { type TargetUri, targetUri, urlOfTarget } from '../key/target-uri.ts';
import { eachField } from '../http/fields.ts';
import { shownValue } from '../http/shown-value.ts';
import { type Question, requestFor } from '../listener/asked-request.ts';
import { type Probed, probe } from '../probe/probe.ts';
import { AdminClient, AdminError } from './admin-client.ts';
import { askedFields } from './asked-fields.ts';
import type { ExplainArguments } from './explain-command.ts';
import type { ExplainReport } from './explain-report.ts';
import { explainText } from './explain-text.ts';
import { printableJson } from './printable.ts';
import { objectNaming } from './shape.ts';
import type { Terminal } from './terminal.ts';

/**
 * Explains what becomes of a request, on stdout. Resolves with the exit code: 0 where it is a hit (and, where that is asked for, without an error of the linter),
 * 1 where it is not, or nobody answered.
 * @throws UsageError
 */
export async function explain(given: ExplainArguments, terminal: Terminal): Promise<0 | 1> {
  refuseContradictions(given);
  const question = questionOf(given);
  const { admin, json = false, rules = false, strict = false } = given;
  try {
    const report =
      admin === undefined
        ? await explainOrigin(question, given, terminal)
        : await askAdmin(question, new AdminClient(admin, terminal.variables));
    const { colours = false } = terminal;
    const byFile = admin !== undefined || given.flags['config'] !== undefined;
    terminal.print(json ? `${printableJson(report, 2)}\n` : explainText(report, { colours, rules, byFile }));
    const errors = strict ? errorsOf(report) : [];
    if (errors.length > 0) terminal.say(`etagere: --strict: there is an error in the response: ${errors.join(', ')}`);
    return report.hit && errors.length === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof AdminError)) throw error;
    terminal.say(`etagere: ${error.message}`);
    return 1;
  }
}

/** The codes of what the linter calls an error. */
function errorsOf({ findings }: ExplainReport): string[] {
  return findings.filter(({ severity }) => severity === 'error').map(({ code }) => code);
}

/** What every explanation has; an answer without them is none. */
const explanationNames = [
  'url',
  'key',
  'hit',
  'cacheStatus',
  'summary',
  'details',
  'decidedBy',
  'rules',
  'candidates',
  'advice',
  'findings',
] as const satisfies readonly (keyof LiveExplanation)[];

async function askAdmin({ uri, method, fields }: Question, client: AdminClient): Promise<ExplainReport> {
  const url = urlOfTarget(uri);
  const query = [
    ['url', url] as const,
    ...(method === undefined ? [] : [['method', method] as const]),
    ...fields.map(([name, value]) => ['header', `${name}: ${value}`] as const),
  ];
  const question = { path: '/v1/explain', query };
  const { findings, ...explanation } = await client.object<LiveExplanation>(question, objectNaming(explanationNames));
  return {
    url,
    asked: { admin: client.url },
    hit: explanation.hit,
    requests: [{ which: 'next', explanation }],
    findings,
  };
}

function refuseContradictions({ admin, origin, flags }: ExplainArguments): void {
  if (admin === undefined) return;
  const [said] = [...(origin === undefined ? [] : ['origin']), ...Object.keys(flags)];
  if (said === undefined) return;
  throw new UsageError(
    `--${said} is for asking an origin, and --admin asks a cache that runs as it is configured`,
    `leave out one of them`,
  );
}

function questionOf({ url, method, header = [] }: ExplainArguments): Question {
  const question = {
    uri: at('url', () => checkedUri(url)),
    fields: at('-H', () => askedFields(header)),
  };
  return method === undefined ? question : { ...question, method: at('--method', () => checkedMethod(method)) };
}

/** Whoever wants an explanation wants nothing done: an unsafe request would be sent several times. A QUERY has content, which there is no way to give here. */
function checkedMethod(method: string): string {
  if (method === 'GET' || method === 'HEAD') return method;
  throw new UsageError(
    `"${method}" is not asked with, as that may change something or need content`,
    'write GET or HEAD',
  );
}

/** As a user agent sends it: dot segments resolved, spaces encoded, without the fragment. */
function checkedUri(text: string): TargetUri {
  if (!/^https?:\/\//i.test(text)) {
    const advice = /^[a-z0-9.:[\]-]+(?:\/|$)/i.test(text) ? `http://${text}` : 'http://localhost:3000/a';
    throw new UsageError(`"${text}" has no scheme`, `write something like ${advice}`);
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const uri = url && targetUri(`${url.origin}${url.pathname}${url.search}`);
  if (url === undefined || uri === undefined)
    throw new UsageError(`"${text}" is no URL`, 'write something like http://localhost:3000/a');
  if (url.username !== '' || url.password !== '')
    throw new UsageError('it holds credentials', "send them as -H 'Authorization: …'");
  return uri;
}

async function explainOrigin(
  question: Question,
  given: ExplainArguments,
  { variables }: Terminal,
): Promise<ExplainReport> {
  const settings = await settingsOf(question, given, variables);
  const request = requestFor(question, settings.limits);
  if (request instanceof EtagereError) {
    throw new UsageError(`a cache refuses this request: ${request.message}`, 'docs/errors.md has what to ask instead');
  }
  const probed = await probe(request, settings);
  const { first, again, policy } = probed;
  const findings = first === undefined ? [] : lint({ request, answer: first, again, config: policy });
  const origins = settings.origins.flatMap(({ servers }) => servers.map(({ url }) => url));
  return { url: urlOfTarget(question.uri), asked: { origin: origins.join(', ') }, ...reportOf(probed), findings };
}

/** Those of the cache that is asked through. A file is read where one is named here, not where a variable names it for another cache. */
async function settingsOf(
  { uri }: Question,
  given: ExplainArguments,
  variables: Terminal['variables'],
): Promise<Settings> {
  const { config, ...flags } = given.flags;
  const { config: _, ...said } = readOptions(flags, variables);
  const origin = given.origin === undefined ? undefined : at('--origin', () => parseOrigin(given.origin ?? ''));
  if (config === undefined)
    return resolveSettings({ ...said, origin: origin ?? `${uri.scheme}://${uri.authority}`, log: 'off' });
  const { configText, readConfig } = await import('../config/file.ts');
  return readConfig(
    configText(config),
    { ...said, ...(origin === undefined ? {} : { origin }), log: 'off' },
    variables,
  );
}

function reportOf({ requests, first }: Probed): Pick<ExplainReport, 'hit' | 'requests' | 'response'> {
  const reported = requests.map(({ which, explanation, ...answered }) => ({ which, answered, explanation }));
  const hit = requests.some(({ which, explanation }) => which === 'second' && explanation.hit);
  if (first === undefined) return { hit, requests: reported };
  const { status, fields } = first.response;
  const shown = [...eachField(fields)].map(([name, value]) => [name, shownValue(name, value)] as const);
  return { hit, requests: reported, response: { status, fields: shown } };
}
