import { describe, expect, it } from 'vitest';
import { purgeHint } from '../../../src/admin/purge-hint.ts';
import type { Selection } from '../../../src/engine/operations.ts';

describe('the hint of a purge that matched nothing', () => {
  it.each<[Selection, string]>([
    [{ kind: 'url', url: 'http://a.test/b*' }, 'purged by prefix'],
    [{ kind: 'prefix', prefix: 'http://a.test/b*' }, 'leave it out'],
    [{ kind: 'host', host: '127.0.0.1' }, 'compared with its port, like 127.0.0.1:8080'],
    [{ kind: 'host', host: '[::1]' }, 'compared with its port, like [::1]:8080'],
  ])('says of %j what was most likely meant', (selection, hint) => {
    expect(purgeHint(selection, 0)).toContain(hint);
    expect(purgeHint(selection, 1)).toBeUndefined();
  });

  it.each<Selection>([
    { kind: 'tag', tag: 'a' },
    { kind: 'prefix', prefix: 'http://a.test/' },
    { kind: 'host', host: 'a.test:8080' },
    { kind: 'all' },
  ])('is that what lies in Redis is not counted: %j', (selection) => {
    expect(purgeHint(selection, 0, 'redis')).toContain('what lies in Redis is purged as well, and not counted');
    expect(purgeHint(selection, 1, 'redis')).toBeUndefined();
    expect(purgeHint(selection, 0, 'disk')).toBeUndefined();
    expect(purgeHint({ kind: 'url', url: 'http://a.test/' }, 0, 'redis')).toBeUndefined();
  });

  it.each<Selection>([
    { kind: 'url', url: 'http://a.test/b' },
    { kind: 'host', host: 'a.test:8080' },
    { kind: 'tag', tag: 'a*' },
    { kind: 'all' },
  ])('is none where nothing looks odd: %j', (selection) => {
    expect(purgeHint(selection, 0)).toBeUndefined();
  });
});
