import type { LoadSettings } from '../in-force.ts';

/** What else serving may have to do with. */
export interface Ways {
  /** Reads the configuration anew. */
  readonly load?: LoadSettings;
  readonly onReady?: (url: string) => void;
}
