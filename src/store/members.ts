/** Which members a name has. Most names have one, which stands there as it is: a `Set` of one takes several times as much. */
export class Members<Name, Member extends number | string> {
  readonly #ofName = new Map<Name, Member | Set<Member>>();

  add(name: Name, member: Member): void {
    const there = this.#ofName.get(name);
    if (there instanceof Set) there.add(member);
    else if (there === undefined) this.#ofName.set(name, member);
    else if (there !== member) this.#ofName.set(name, new Set([there, member]));
  }

  remove(name: Name, member: Member): void {
    const there = this.#ofName.get(name);
    const isLast = there instanceof Set ? there.delete(member) && there.size === 0 : there === member;
    if (isLast) this.#ofName.delete(name);
  }

  has(name: Name, member: Member): boolean {
    const there = this.#ofName.get(name);
    return there instanceof Set ? there.has(member) : there === member;
  }

  countOf(name: Name): number {
    const there = this.#ofName.get(name);
    if (there === undefined) return 0;
    return there instanceof Set ? there.size : 1;
  }

  /** In the order in which they came; who comes meanwhile is there at the end. */
  *of(name: Name): Generator<Member> {
    const there = this.#ofName.get(name);
    if (there instanceof Set) yield* there;
    else if (there !== undefined) yield there;
  }
}
