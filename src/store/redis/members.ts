import { orderOfText } from '../order-text.ts';
import type { NumberedOrder } from '../orders.ts';
import { textOf } from './rows.ts';

/** An order as the log tells it, and as it is published. */
export interface Member {
  readonly text: string;
  readonly numbered: NumberedOrder;
  /** Who has given it. */
  readonly instance: string;
  readonly nonce: string;
}

/** Undefined where it is no member at all. */
export function memberOf(reply: unknown): Member | undefined {
  const text = textOf(reply) ?? '';
  const [, digits, instance = '', nonce = '', order = ''] =
    /^(\d{1,16}):([^:]*):([0-9a-f]{16}):(.*)$/s.exec(text) ?? [];
  const number = Number(digits);
  if (digits === undefined || !Number.isSafeInteger(number)) return undefined;
  return {
    text,
    numbered: { number, order: orderOfText(order) },
    instance: decodedName(instance),
    nonce,
  };
}

/** The name of an instance as it stands in a member. */
export function encodedName(instance: string): string {
  return encodeURIComponent(instance);
}

/** The other way round. */
export function decodedName(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

const maxOrders = 1024;
const maxCharacters = 2 ** 20;

/** The last orders that were heard of here, whoever gave them: to be given back to a log that has lost them. */
export class RecentMembers {
  readonly #texts = new Map<number, string>();
  #characters = 0;
  #newest = 0;

  /** The greatest number that was heard of; 0 where none was. */
  get newest(): number {
    return this.#newest;
  }

  add({ numbered, text }: Pick<Member, 'numbered' | 'text'>): void {
    if (this.#texts.has(numbered.number)) return;
    this.#texts.set(numbered.number, text);
    this.#newest = Math.max(this.#newest, numbered.number);
    this.#characters += text.length;
    for (const [number, oldest] of this.#texts) {
      if (this.#texts.size <= maxOrders && this.#characters <= maxCharacters) break;
      this.#texts.delete(number);
      this.#characters -= oldest.length;
    }
  }

  /** These need not be given back. */
  forget(numbers: readonly number[]): void {
    for (const number of numbers) {
      this.#characters -= this.#texts.get(number)?.length ?? 0;
      this.#texts.delete(number);
    }
  }

  /** In the order in which they were heard. */
  all(): readonly string[] {
    return [...this.#texts.values()];
  }
}
