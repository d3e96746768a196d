import type { LimitName } from './limit-flags.ts';
import type { EtagereOptions } from './options.ts';

/** What flags and variables say: all that fits into one text each. */
export type Sayable = Omit<EtagereOptions, 'limits' | 'origin' | 'origins' | 'routes'>;

/** Options under construction. */
export type Draft = { -readonly [K in keyof Sayable]?: Sayable[K] } & {
  /** The path of a configuration file, which is no option itself. */
  config?: string;
  readonly limits: { [K in LimitName]?: number };
};

/** One thing that can be said on the command line or by a variable. The table of these is the help, the parser and the documentation. */
export interface Flag {
  /** Without dashes. */
  readonly name: string;
  /** What stands after it, as help shows it; a switch has none. */
  readonly value?: string;
  readonly group: string;
  readonly summary: string;
  /** The default as one would write it; `''` where nothing is the default. */
  readonly byDefault: string;
  /** Reads the text (`true` for a switch) into the options. @throws UsageError */
  readonly read: (text: string, options: Draft) => void;
}
