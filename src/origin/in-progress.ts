/** What can stand in an `InProgress`, in one at a time. */
export interface Neighbour<Item> {
  /** Set by the list alone. */
  previous: Item | undefined;
  next: Item | undefined;
}

/**
 * What is in progress, in the order in which it began: for what comes and goes with every request. A `Set` would do the same, but moves to a new table now and then, and V8 lets the old
 * one point to the new. Once one of them has grown old in the heap, all that follow it, and whatever was in them, outlive every collection of the young generation
 * (docs/decisions/0010-the-cost-of-a-miss.md).
 */
export class InProgress<Item extends Neighbour<Item>> {
  #first: Item | undefined;
  #last: Item | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): Item | undefined {
    return this.#first;
  }

  get last(): Item | undefined {
    return this.#last;
  }

  /** The item must not stand in any. */
  add(item: Item): void {
    const last = this.#last;
    item.previous = last;
    if (last === undefined) this.#first = item;
    else last.next = item;
    this.#last = item;
    this.#size++;
  }

  /** Takes an item out, if it is there. It must not stand in another. */
  delete(item: Item): void {
    const { previous, next } = item;
    if (previous === undefined && this.#first !== item) return;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    // What is over must not keep alive what came after it.
    item.previous = undefined;
    item.next = undefined;
    this.#size--;
  }

  /** All of them, as they stand now. */
  all(): Item[] {
    const items: Item[] = [];
    for (let item = this.#first; item !== undefined; item = item.next) items.push(item);
    return items;
  }
}
