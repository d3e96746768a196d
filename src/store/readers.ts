import type { Content } from './content.ts';

/**
 * Who reads which content. What is on the shelf is counted there; once it has left, its bytes count here until the last client has read it.
 */
export class Readers {
  readonly #readers = new Map<Content, number>();
  /** Contents that are counted elsewhere. */
  readonly #kept = new Set<Content>();
  /** Contents that are read and count here, with their bytes. */
  readonly #departed = new Map<Content, number>();
  #bytes = 0;

  /** Bytes that are held for readers alone. */
  get bytes(): number {
    return this.#bytes;
  }

  /** From now on its bytes are counted by who keeps it. */
  keep(content: Content): void {
    this.#kept.add(content);
    this.#uncount(content);
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
    const bytes = content.bytesHeld;
    this.#departed.set(content, bytes);
    this.#bytes += bytes;
  }

  #letGo(content: Content): void {
    const readers = (this.#readers.get(content) ?? 1) - 1;
    if (readers > 0) {
      this.#readers.set(content, readers);
      return;
    }
    this.#readers.delete(content);
    this.#uncount(content);
  }

  #uncount(content: Content): void {
    this.#bytes -= this.#departed.get(content) ?? 0;
    this.#departed.delete(content);
  }
}
