import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { unreadable } from './system-code.ts';
import { checkedLimit, type LimitName, limitFlags } from './limit-flags.ts';
import { camelCase } from './names.ts';
import type { EtagereOptions } from './options.ts';
import { ConfigurationError, type Mistake, type Path, pathText, Place, type Problem } from './problems.ts';
import { quantityParsers } from './quantities.ts';
import { readSettings } from './resolve.ts';
import { fileSchema } from './schema.ts';
import { selfReferences } from './self-reference.ts';
import type { Settings } from './settings.ts';
import { shaped } from './shape.ts';
import { UsageError } from './usage-error.ts';
import { expanded, type Variables } from './variables.ts';
import { readYaml, type SyntaxProblem, type YamlSource } from './yaml-source.ts';

/** Nobody writes a longer one by hand. */
const maxBytes = 2 ** 20;

/** What variables and flags say: it wins over a file. */
export type Overrides = Omit<EtagereOptions, 'routes' | 'origins'>;

/** A configuration file, before it is understood. */
export interface ConfigText {
  /** As it was named, for messages. */
  readonly name: string;
  /** Names of files in it are relative to this folder. */
  readonly folder: string;
  readonly text: string;
}

/** @throws UsageError for a file that can't be read */
export function configText(path: string): ConfigText {
  try {
    if (statSync(path).size > maxBytes)
      throw new UsageError(`${path}: it is longer than 1mb`, 'is it a configuration?');
    return { name: path, folder: dirname(resolve(path)), text: readFileSync(path, 'utf8') };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${path}: it can't be read (${unreadable(error)})`, 'name a file that this process may read');
  }
}

/**
 * Reads a configuration file, which logs unless told otherwise: YAML 1.2, or JSON, which is YAML.
 * @param variables for `${NAME}`
 * @throws ConfigurationError that holds every mistake, each with its line and column
 */
export function readConfig(file: ConfigText, overrides: Overrides, variables: Variables): Settings {
  const source = readYaml(file.text);
  refuseSyntax(file, source);
  const found: Problem[] = [...source.problems];
  const value = shaped(fileSchema, source.value, 'file', found);
  if (value !== undefined) {
    const { $schema: _, limits, ...options } = value;
    const said = { ...(options as EtagereOptions), limits: readLimits(limits ?? {}, new Place(found, ['limits'])) };
    const meant = overrides.store === undefined ? withStore(said, new Place(found), variables) : said;
    const settings = readSettings({ log: 'auto', ...overlaid(meant, overrides) }, found, {
      variables,
      folder: file.folder,
    });
    // Whoever reads a file is about to listen.
    if (found.length === 0) found.push(...selfReferences(settings, 'file'));
    if (found.length === 0 && source.repeatedNames.length === 0) return settings;
  }
  const told = found.map(({ path, about, problem, advice }) => ({
    ...(isOverridden(path, overrides) ? {} : source.positionOf({ path, about })),
    path: pathText(path),
    problem,
    advice,
  }));
  throw mistakesIn(file, [...pathless(source.repeatedNames), ...told]);
}

/** Of what is wrong with a text, wherever it stands. */
function pathless(problems: readonly SyntaxProblem[]): Mistake[] {
  return problems.map(({ position, problem, advice }) => ({ ...position, path: '', problem, advice }));
}

/** Whether it is not the file that says it. */
function isOverridden([name]: Path, overrides: Overrides): boolean {
  const said: Readonly<Record<string, unknown>> = overrides;
  return typeof name === 'string' && name !== 'limits' && Object.hasOwn(said, name) && said[name] !== undefined;
}

function refuseSyntax(file: ConfigText, { syntaxProblems, value, problems }: YamlSource): void {
  if (syntaxProblems.length > 0) throw mistakesIn(file, pathless(syntaxProblems));
  if (value !== undefined || problems.length > 0) return;
  throw mistakesIn(file, [
    { line: 1, column: 1, path: '', problem: 'it is empty', advice: 'write origin: http://localhost:3000' },
  ]);
}

function mistakesIn({ name }: ConfigText, mistakes: readonly Mistake[]): ConfigurationError {
  const inOrder = mistakes.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  return new ConfigurationError(
    (count) => `${name} has ${count} mistakes`,
    inOrder,
    ({ line, column, path }) =>
      line === undefined
        ? `${path}, by a flag or variable`
        : `${name}:${line}:${column}${path === '' ? '' : ` ${path}`}`,
  );
}

/** Limits in a file are named like flags, and have units like them. */
function readLimits(
  texts: Readonly<Record<string, string | number | undefined>>,
  place: Place,
): NonNullable<EtagereOptions['limits']> {
  const limits: { [K in LimitName]?: number } = {};
  for (const limit of Object.keys(limitFlags) as LimitName[]) {
    const { name, kind } = limitFlags[limit];
    const inFile = camelCase(name);
    const text = texts[inFile];
    if (text === undefined) continue;
    const value = place.at(inFile).read(undefined, () => checkedLimit(limit, quantityParsers[kind](String(text))));
    if (value !== undefined) limits[limit] = value;
  }
  return limits;
}

/** In a file alone: whoever writes a flag or sets a variable has a shell for it. */
function withStore(options: EtagereOptions, place: Place, variables: Variables): EtagereOptions {
  const { store, ...others } = options;
  if (store === undefined) return options;
  const text = place.at('store').read(undefined, () => expanded(store, variables).text);
  return text === undefined ? others : { ...others, store: text };
}

/** What is said twice is as variables and flags say it; one token takes the place of the other, wherever either comes from. */
function overlaid(options: EtagereOptions, overrides: Overrides): EtagereOptions {
  const { adminToken: _, adminTokenFile: __, ...others } = options;
  const isTokenSaid = overrides.adminToken !== undefined || overrides.adminTokenFile !== undefined;
  const kept = isTokenSaid ? others : options;
  return { ...kept, ...overrides, limits: { ...options.limits, ...overrides.limits } };
}
