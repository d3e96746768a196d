import type { MemoryStore } from '../../../src/store/memory.ts';
import type { Store } from '../../../src/store/store.ts';

/** A memory shelf of which some does otherwise. */
export function adapted(memory: MemoryStore, otherwise: Partial<Store>): Store {
  return withOther<Store>(memory, otherwise);
}

/** Anything of which some does otherwise. */
export function withOther<Whole extends object>(whole: Whole, otherwise: Partial<Whole>): Whole {
  const get = (target: Whole, name: string | symbol): unknown => {
    const value: unknown = Reflect.get(name in otherwise ? otherwise : target, name);
    return typeof value === 'function' && !(name in otherwise) ? value.bind(target) : value;
  };
  return new Proxy(whole, { get });
}
