/** What was measured of one kind. */
export interface Section {
  readonly name: string;
  readonly title: string;
  /** Markdown. */
  readonly text: string;
  /** How much could not be measured, or was wrong. */
  readonly troubles: number;
}
