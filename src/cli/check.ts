import { readOptions, readOrigin } from '../config/flags.ts';
import { ConfigurationError, type Mistake } from '../config/problems.ts';
import type { Settings } from '../config/settings.ts';
import { type Shown, shownSettings } from '../config/shown.ts';
import { UsageError } from '../config/usage-error.ts';
import { warningsOf } from '../config/warnings.ts';
import { checkShelf } from '../shelf-check.ts';
import { settingsSummary } from './settings-summary.ts';
import type { Terminal } from './terminal.ts';

/** What `etagere check` is told. */
export interface CheckArguments {
  /** The configuration file; undefined: that of ETAGERE_CONFIG. */
  readonly file: string | undefined;
  readonly json: boolean;
  /** Whether the effective configuration is printed, in the place of the summary. */
  readonly print: boolean;
}

/**
 * Says what a start with this file and these variables would run, or what is wrong with it. Resolves with the exit code: 0, or 2 where it would not start.
 * @throws UsageError where not even a file is named
 */
export async function check({ file, json, print }: CheckArguments, terminal: Terminal): Promise<0 | 2> {
  const { config, ...said } = readOptions({}, terminal.variables);
  const path = file ?? config;
  if (path === undefined) throw new UsageError('no file is named', 'write etagere check etagere.yaml');
  const origin = readOrigin(undefined, terminal.variables);
  const { configText, readConfig } = await import('../config/file.ts');
  let settings: Settings;
  let ofShelf: readonly string[];
  try {
    settings = readConfig(configText(path), origin === undefined ? said : { ...said, origin }, terminal.variables);
    ofShelf = await checkShelf(settings);
  } catch (error) {
    if (!json || !(error instanceof UsageError)) throw error;
    terminal.print(`${JSON.stringify({ file: path, ok: false, mistakes: mistakesOf(error) }, null, 2)}\n`);
    return error.exitCode;
  }
  const shown = shownSettings(settings);
  const warnings = [...warningsOf(settings), ...ofShelf];
  if (print) terminal.print(json ? `${JSON.stringify(shown, null, 2)}\n` : await asYaml(shown));
  else if (json) terminal.print(`${JSON.stringify({ file: path, ok: true, warnings, settings: shown }, null, 2)}\n`);
  else terminal.print(`${path} is fine.\n\n${settingsSummary(settings, warnings)}`);
  return 0;
}

async function asYaml(shown: Shown): Promise<string> {
  const { writeYaml } = await import('../config/yaml-source.ts');
  return writeYaml(shown);
}

function mistakesOf(error: UsageError): readonly Mistake[] {
  if (error instanceof ConfigurationError) return error.mistakes;
  return [{ path: '', problem: error.problem, advice: error.advice }];
}
