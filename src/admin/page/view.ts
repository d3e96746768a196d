/** One of the things to look at. */
export interface View {
  /** Its name in the address: `#shelf`. */
  readonly name: string;
  /** On its tab. */
  readonly title: string;
  readonly element: HTMLElement;
  /** It is seen from now on, with what stands behind `?` in the address. */
  show(parameters: URLSearchParams): void;
  hide(): void;
}
