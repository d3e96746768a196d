import type { Ground } from './ground.ts';
import { HeapBacking, HeapGround, type HeapOptions } from './heap-backing.ts';

/** A ground in memory, where all backings are alike. */
export function heapGround(options: HeapOptions): Ground {
  const ground = new HeapGround();
  return {
    backing: new HeapBacking(ground, options),
    another: () => new HeapBacking(ground, options),
    close: () => {},
  };
}
