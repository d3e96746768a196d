import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the heap close to what lives in it. What leaves the shelf has grown old in the heap, and V8 lets such garbage pile up to several times of what
 * lives before it looks for it. What that is worth, and what it costs, is in docs/decisions/0007-a-heap-that-grows-slowly.md. The flag is there in
 * Node 20, 24 and 26; where there is none, V8 says so and goes on.
 */
export function keepHeapClose(): void {
  setFlagsFromString('--heap-growing-percent=50');
}
