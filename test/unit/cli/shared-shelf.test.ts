import { existsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { SharedShelf } from '../../../src/cli/shared-shelf.ts';
import { resolveSettings } from '../../../src/config/resolve.ts';
import type { Settings } from '../../../src/config/settings.ts';

const origin = 'http://localhost:3000';

function directoryOf({ store }: Settings): string {
  if (store.kind !== 'disk') throw new Error(`the workers share ${store.kind}`);
  return store.directory;
}

it('workers share the store that was named', () => {
  const settings = resolveSettings({ origin, store: 'disk:/var/cache/etagere' });
  expect(new SharedShelf().named(settings)).toBe(settings);
});

it('where none was named they have a directory that only its owner can read, for as long as they run', () => {
  const shelf = new SharedShelf();
  const settings = shelf.named(resolveSettings({ origin }));
  const directory = directoryOf(settings);
  try {
    expect(dirname(dirname(directory))).toBe(tmpdir());
    expect(statSync(dirname(directory)).mode & 0o777).toBe(0o700);
    expect(settings.limits.diskBytes).toBe(512 * 2 ** 20);
  } finally {
    shelf.remove();
  }
  expect(existsSync(dirname(directory))).toBe(false);
});

it('the directory stays the same, and as large as it was, whatever is read later', () => {
  const shelf = new SharedShelf();
  try {
    const first = shelf.named(resolveSettings({ origin, memory: '1mb' }));
    const later = shelf.named(resolveSettings({ origin, memory: '1gb' }));
    expect(directoryOf(later)).toBe(directoryOf(first));
    expect([first, later].map(({ limits }) => limits.diskBytes)).toEqual([64 * 2 ** 20, 64 * 2 ** 20]);
  } finally {
    shelf.remove();
  }
});
