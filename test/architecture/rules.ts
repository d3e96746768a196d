import { posix } from 'node:path';
import { codeOnly, type ImportStatement, importsOf } from './source-text.ts';

/** A module under src/, its path relative to it. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** What a folder, or a file at the top of src/, may import: whole folders or single files. `types` adds what may be imported as types. */
interface Edges {
  readonly values: readonly string[];
  readonly types?: readonly string[];
}

const core = ['http', 'key', 'policy', 'store', 'origin', 'engine', 'listener'];

/** What says something of everything, and knows nothing. */
const forAll: ReadonlySet<string> = new Set(['errors.ts', 'seldom.ts']);

/** The table of the design: who may know whom. `errors.ts` and `seldom.ts` may be imported by all. */
export const allowedEdges: Readonly<Record<string, Edges>> = {
  'errors.ts': { values: [] },
  'seldom.ts': { values: [] },
  http: { values: [] },
  key: { values: ['http'] },
  policy: { values: ['http', 'key'] },
  store: { values: ['http', 'key'], types: ['policy'] },
  origin: { values: ['http'] },
  // The ports are known as types; of origin/ only what is pure is called.
  engine: {
    values: ['http', 'key', 'policy', 'origin/forwarding.ts', 'origin/in-progress.ts', 'origin/retry.ts'],
    types: ['store', 'origin'],
  },
  listener: { values: ['http'], types: ['engine'] },
  explain: { values: ['http', 'key', 'policy'] },
  config: {
    values: ['http', 'key', 'engine/limits.ts', 'policy/config.ts', 'store/redis/address.ts'],
    types: ['engine', 'policy', 'listener', 'origin'],
  },
  observe: { values: ['http'], types: ['engine', 'store'] },
  // What is purged or explained is named as the gate would name it.
  admin: {
    values: [
      'http',
      'config/addresses.ts',
      'config/nearest.ts',
      'explain/details.ts',
      'key/target-uri.ts',
      'listener/asked-request.ts',
      'listener/authority.ts',
      'listener/request-target.ts',
      'observe/miss-reasons.ts',
      'policy/decision.ts',
    ],
    types: ['engine', 'store', 'observe', 'explain'],
  },
  play: { values: [...core, 'config', 'observe'] },
  probe: { values: [...core, 'config', 'explain', 'upstreams.ts'] },
  workers: {
    values: ['observe'],
    types: ['http', 'config', 'store', 'engine', 'admin'],
  },
  // Figures are written as on the page, and what is explained is named as the gate would name it.
  cli: {
    values: [
      'http',
      'config',
      'observe',
      'play',
      'explain',
      'probe',
      'admin/page/format.ts',
      'key/target-uri.ts',
      'listener/asked-request.ts',
      'main.ts',
      'shelf-check.ts',
      'workers',
    ],
    types: ['admin', 'engine', 'store', 'in-force.ts'],
  },
  'main.ts': {
    values: [
      ...core,
      'config',
      'observe',
      'admin-listener.ts',
      'ending.ts',
      'in-force.ts',
      'program-purge.ts',
      'shelves.ts',
    ],
    types: ['upstreams.ts', 'admin', 'workers'],
  },
  'ending.ts': { values: ['engine'] },
  'program-purge.ts': { values: ['admin', 'config', 'engine'] },
  'admin-listener.ts': {
    values: [...core, 'config', 'observe', 'probe', 'admin', 'workers'],
    types: ['in-force.ts'],
  },
  'shelves.ts': { values: ['config', 'engine', 'policy', 'store', 'shelf-check.ts'] },
  'shelf-check.ts': { values: ['config', 'store'] },
  'in-force.ts': { values: ['config', 'upstreams.ts'], types: ['engine', 'admin', 'origin'] },
  'upstreams.ts': { values: ['config', 'origin', 'engine'], types: ['policy'] },
  'index.ts': { values: ['config', 'main.ts'], types: [...core, 'admin', 'observe'] },
};

/** Each package that is used at run time, and the only files that may import it. */
const packageHomes: Readonly<Record<string, readonly string[]>> = {
  '@redis/client': ['store/redis/connection.ts'],
  commander: ['cli/command-line.ts', 'cli/desk-commands.ts', 'cli/explain-command.ts'],
  'http-cache-semantics': ['policy/semantics.ts'],
  lmdb: ['store/disk/environment.ts'],
  'lru-cache': ['store/row-table.ts'],
  pino: ['observe/access-log.ts', 'observe/log-destination.ts'],
  'structured-headers': ['policy/structured.ts'],
  undici: ['origin/undici-origin.ts'],
  valibot: [
    'config/schema.ts',
    'config/schema-leaves.ts',
    'config/schema-origins.ts',
    'config/schema-routes.ts',
    'config/shape.ts',
  ],
  yaml: ['config/yaml-source.ts'],
};

/** Adapters are constructed where parts are joined, and nowhere else. */
const adapters = new Set([
  'store/memory.ts',
  'store/backed.ts',
  'store/tiered.ts',
  'store/disk/backing.ts',
  'store/redis/backing.ts',
  'origin/undici-origin.ts',
  'listener/node-http.ts',
  'engine/handle.ts',
]);
const mayConstruct = new Set(['main.ts', 'admin-listener.ts', 'shelves.ts', 'upstreams.ts', 'play', 'probe']);

const pureFolders = new Set(['http', 'key', 'policy', 'explain']);

/** What a pure module may not name, and how it is called in a complaint. */
const impure: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['Date.now', /\bDate\.now\b/],
  ['the current Date', /\bnew\s+Date\s*(?:\(\s*\)|(?!\s*\())|(?<!new\s)\bDate\(/],
  ['performance', /(?<!\.)\bperformance\b/],
  ['process', /(?<!\.)\bprocess\b/],
  ['Math.random', /\bMath\.random\b/],
  ['crypto', /(?<!\.)\bcrypto\b/],
  ['console', /\bconsole\b/],
  ['a timer', /\b(?:set|clear)(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b/],
  ['async', /\basync\b|\bawait\b|\bPromise\b/],
  ['globalThis', /\bglobalThis\b/],
];

const vagueName = /(?:^|-)(?:utils?|helpers?|common|managers?|services?)$/;

/** Most lines of a file. */
const maxLines = 400;

/** Everything that these modules do against the architecture, one sentence each. */
export function violations(sources: readonly Source[]): string[] {
  return [
    ...sources.flatMap((source) => [
      ...importViolations(source),
      ...purityViolations(source),
      ...shapeViolations(source),
    ]),
    ...cycles(sources).map((cycle) => `import cycle: ${cycle.join(' -> ')}`),
  ];
}

function importViolations({ path, text }: Source): string[] {
  const found: string[] = [];
  for (const statement of importsOf(text)) {
    const target = moduleOf(path, statement);
    if (target !== undefined) {
      if (!isAllowed(path, target, statement.typeOnly)) {
        found.push(`${path} may not import ${statement.typeOnly ? 'types of ' : ''}${target}`);
      }
    } else if (!statement.specifier.startsWith('node:')) {
      const homes = packageHomes[statement.specifier];
      if (homes === undefined) found.push(`${path} imports ${statement.specifier}, a package without a home`);
      else if (!homes.includes(path))
        found.push(`${path} may not import ${statement.specifier}: only ${homes.join()} may`);
    }
    if (statement.reexport && path !== 'index.ts') found.push(`${path} re-exports ${statement.specifier}`);
  }
  return found;
}

/** The path of an imported module of src/; undefined for a package. */
function moduleOf(path: string, { specifier }: ImportStatement): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined;
}

function isAllowed(path: string, target: string, typeOnly: boolean): boolean {
  const from = unitOf(path);
  const to = unitOf(target);
  if (adapters.has(target) && !typeOnly && from !== to && !mayConstruct.has(from)) return false;
  if (from === to || forAll.has(target)) return !forAll.has(from);
  const edges = allowedEdges[from];
  const allowed = [...(edges?.values ?? []), ...(typeOnly ? (edges?.types ?? []) : [])];
  return allowed.includes(to) || allowed.includes(target);
}

/** The packages that are loaded with a module: by itself, or by what it imports. */
export function packagesLoadedWith(path: string, sources: readonly Source[]): string[] {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const visit = (module: string): void => {
    if (seen.has(module)) return;
    seen.add(module);
    const text = sources.find((source) => source.path === module)?.text ?? '';
    for (const statement of importsOf(text)) {
      if (statement.typeOnly || statement.dynamic) continue;
      const target = moduleOf(module, statement);
      if (target !== undefined) visit(target);
      else if (!statement.specifier.startsWith('node:')) packages.add(statement.specifier);
    }
  };
  visit(path);
  return [...packages].toSorted();
}

/** The folder of a module, or the file itself at the top of src/. */
function unitOf(path: string): string {
  return path.split('/')[0] ?? path;
}

function purityViolations({ path, text }: Source): string[] {
  if (!pureFolders.has(unitOf(path)) && !isMarkedPure(text)) return [];
  const code = codeOnly(text);
  const words = impure
    .filter(([, pattern]) => pattern.test(code))
    .map(([what]) => `${path} is pure and may not use ${what}`);
  const modules = importsOf(text).filter(({ specifier }) => specifier.startsWith('node:'));
  return [...words, ...modules.map(({ specifier }) => `${path} is pure and may not import ${specifier}`)];
}

/** A file outside the pure folders says PURE in the first line of its first comment. */
function isMarkedPure(text: string): boolean {
  const firstComment = /\/\*\*?\s*([^\n]*)|\/\/([^\n]*)/.exec(text);
  return /\bPURE\b/.test(firstComment?.[0] ?? '');
}

function shapeViolations({ path, text }: Source): string[] {
  const found: string[] = [];
  const segments = path.replace(/\.ts$/, '').split('/');
  if (segments.some((segment) => vagueName.test(segment))) found.push(`${path} has a name that says nothing`);
  if (path.endsWith('/index.ts')) found.push(`${path} is a barrel`);
  if (allowedEdges[unitOf(path)] === undefined) found.push(`${path} is in no folder of the design`);
  const lines = text.trimEnd().split('\n').length;
  if (lines > maxLines) found.push(`${path} has ${lines} lines; ${maxLines} is the most`);
  return found;
}

/** Each import cycle once, types counted, as the paths from its first module back to it. */
function cycles(sources: readonly Source[]): string[][] {
  const imports = new Map(
    sources.map((source) => [
      source.path,
      importsOf(source.text).flatMap((statement) => moduleOf(source.path, statement) ?? []),
    ]),
  );
  const found: string[][] = [];
  const finished = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start !== -1) found.push([...trail.slice(start), path]);
    if (start !== -1 || finished.has(path)) return;
    for (const target of imports.get(path) ?? []) visit(target, [...trail, path]);
    finished.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
  return found;
}
