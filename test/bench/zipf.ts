import { join } from 'node:path';
import { askForEach, type Listed, writeList } from './listed.ts';
import type { Load } from './load.ts';

/** As clients of four kinds say it. */
const encodings = ['gzip, deflate, br, zstd', 'gzip, deflate, br', 'gzip, deflate', 'identity'] as const;

/** So that each run, and each server, gets the same list. */
const seed = 20_260_101;

export interface ZipfSize {
  readonly objects: number;
  readonly draws: number;
}

/** The load of a shelf of many objects, of which the few popular ones are asked for most, in variants. The list is written into the folder. */
export function zipfLoad(base: Load, { objects, draws }: ZipfSize, folder: string): Load {
  const list = drawn({ objects, draws });
  const file = join(folder, 'zipf.txt');
  writeList(file, list);
  const [first] = list;
  if (first === undefined) throw new RangeError('an empty list');
  return {
    ...base,
    path: first.path,
    fields: [...base.fields, ['Accept-Encoding', first.encoding]],
    list: file,
    prime: (url) => askForEach(url, [...everything(objects), ...list], base.fields),
  };
}

/** Object n is asked for in proportion to 1/n, in any variant. */
export function drawn({ objects, draws }: ZipfSize): readonly Listed[] {
  const bounds = new Float64Array(objects);
  let sum = 0;
  for (let index = 0; index < objects; index++) {
    sum += 1 / (index + 1);
    bounds[index] = sum;
  }
  const random = generator(seed);
  return Array.from({ length: draws }, () => {
    const index = firstAbove(bounds, random() * sum);
    return listed(index, Math.floor(random() * encodings.length));
  });
}

function everything(objects: number): readonly Listed[] {
  return Array.from({ length: objects }, (_, index) => listed(index, index % encodings.length));
}

function listed(index: number, variant: number): Listed {
  return { path: `/varying/${index}`, encoding: encodings[variant] ?? encodings[0] };
}

/** Index of the first bound above that value; bounds ascend. */
export function firstAbove(bounds: Float64Array, value: number): number {
  let [low, high] = [0, bounds.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bounds[middle] ?? Infinity) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** mulberry32: small, and the same everywhere. */
export function generator(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
