import type { Content } from './content.ts';

/**
 * Who reads which content. What is on the shelf is counted there; once it has left, its bytes count here until the last client has read it.
 */
export class Readers {
  readonly #readers = new Map<Content, number>();
  /** Contents that are counted elsewhere. */
  readonly #kept = new Set<Content>();
  /** Contents that are read and count here. */
  readonly #departed = new Set<Content>();
  #bytes = 0;

  /** Bytes that are held for readers alone. */
  get bytes(): number {
    return this.#bytes;
  }

  /** From now on its bytes are counted by who keeps it. */
  keep(content: Content): void {
    this.#kept.add(content);
    if (this.#departed.delete(content)) this.#bytes -= content.length;
  }

  /** Nobody keeps it any more. */
  leave(content: Content): void {
    this.#kept.delete(content);
    this.#countIfRead(content);
  }

  /** A client begins to read it; the result is called when it has ended. */
  hold(content: Content): () => void {
    this.#readers.set(content, (this.#readers.get(content) ?? 0) + 1);
    if (!this.#kept.has(content)) this.#countIfRead(content);
    let held = true;
    return () => {
      if (held) this.#letGo(content);
      held = false;
    };
  }

  #countIfRead(content: Content): void {
    if (!this.#readers.has(content) || this.#departed.has(content)) return;
    this.#departed.add(content);
    this.#bytes += content.length;
  }

  #letGo(content: Content): void {
    const readers = (this.#readers.get(content) ?? 1) - 1;
    if (readers > 0) {
      this.#readers.set(content, readers);
      return;
    }
    this.#readers.delete(content);
    if (this.#departed.delete(content)) this.#bytes -= content.length;
  }
}
