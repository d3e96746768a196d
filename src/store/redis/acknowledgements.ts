import type { Heard } from '../orders.ts';

/** An order that was told to the others. */
interface Told {
  readonly at: number;
  /** Who is to answer; undefined until that is known. */
  expected: ReadonlySet<string> | undefined;
  readonly heard: Map<string, number>;
  done: () => void;
}

/** Who has heard of which order of this instance: answers may come before it is known who is to give one. */
export class Acknowledgements {
  readonly #told = new Map<string, Told>();

  /** An order with that nonce is about to be told. */
  begin(nonce: string): void {
    this.#told.set(nonce, { at: performance.now(), expected: undefined, heard: new Map(), done: () => undefined });
  }

  /** It was not told. */
  cancel(nonce: string): void {
    this.#told.delete(nonce);
  }

  heard(nonce: string, instance: string): void {
    const told = this.#told.get(nonce);
    if (told === undefined || told.heard.has(instance)) return;
    told.heard.set(instance, performance.now() - told.at);
    if (isComplete(told)) told.done();
  }

  /** Resolves when all of these have answered, or were waited for so long from now on. */
  async expect(nonce: string, instances: Iterable<string>, ms: number): Promise<readonly Heard[]> {
    const told = this.#told.get(nonce);
    if (told === undefined) return [];
    const expected = new Set(instances);
    told.expected = expected;
    if (!isComplete(told)) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        told.done = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#told.delete(nonce);
    const others = new Set([...expected, ...told.heard.keys()]);
    return [...others].map((instance) => ({ instance, ms: told.heard.get(instance) }));
  }
}

function isComplete({ expected, heard }: Told): boolean {
  if (expected === undefined) return false;
  for (const instance of expected) if (!heard.has(instance)) return false;
  return true;
}
