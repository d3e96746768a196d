import { afterEach, describe, expect, it, vi } from 'vitest';
import type { EtagereOptions } from '../../src/config/options.ts';
import { settingsOf } from '../../src/config/program.ts';
import { InForce } from '../../src/in-force.ts';

const base: EtagereOptions = { origin: 'http://a', admin: 8081, adminToken: 'a-token-of-16-or-more' };

function read(inForce: InForce, options: EtagereOptions, mayBeAsked = (): boolean => false): unknown {
  return inForce.reload(() => ({ settings: settingsOf(options), warnings: [] }), mayBeAsked);
}

describe('the settings in force', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing) await close();
    closing.length = 0;
  });

  function started(options: EtagereOptions): InForce {
    const inForce = new InForce(settingsOf(options), 'etagere-1', () => undefined);
    closing.push(() => inForce.upstreams.close());
    return inForce;
  }

  it('are those of the start, with what a new file can change while the process runs', () => {
    const inForce = started(base);
    const before = inForce.settings;
    const later = { memory: '1mb', log: 'json', listen: 9000, limits: { maxVariants: 3, originQueue: 7 } } as const;
    expect(read(inForce, { ...base, ...later, origin: 'http://b', trustProxy: ['::1'] })).toMatchObject({
      kind: 'reloaded',
      changed: ['trustProxy', 'origins.default'],
      warnings: expect.arrayContaining(['memory takes effect with the next start']),
    });
    const after = inForce.settings;
    expect(after).toMatchObject({ trustProxy: ['::1'], origins: [{ servers: [{ url: 'http://b' }], queue: 7 }] });
    expect(after).toEqual({
      ...before,
      trustProxy: after.trustProxy,
      origins: after.origins,
      limits: { ...before.limits, originQueue: 7 },
    });
  });

  it('tell only what is different from the file before', () => {
    const inForce = started(base);
    const second = { ...base, purgeFrom: ['::1'] };
    expect(read(inForce, second)).toMatchObject({ changed: ['purgeFrom'] });
    expect(read(inForce, second)).toMatchObject({ changed: [] });
  });

  it('keep the token of an address that others can reach, where the next start listens elsewhere without one', () => {
    const open = { ...base, admin: '0.0.0.0:8081' };
    const inForce = started(open);
    for (const _ of ['once', 'twice']) {
      expect(read(inForce, { origin: 'http://a', admin: 8081 })).toMatchObject({ changed: [] });
      expect(inForce.settings.admin).toEqual(settingsOf(open).admin);
    }
    const loopback = started(base);
    read(loopback, { origin: 'http://a', admin: 8081 });
    expect(loopback.settings.admin?.token).toBeUndefined();
  });

  it('leave an origin when no request may ask it any more', async () => {
    const inForce = started(base);
    const left = inForce.upstreams.origins.get('default')?.origin;
    if (left === undefined) throw new Error('there is no origin');
    const told: string[] = [];
    const closed = new Promise<void>((resolve) => {
      const close = left.close.bind(left);
      vi.spyOn(left, 'close').mockImplementation(() => {
        told.push('closed');
        resolve();
        return close();
      });
    });
    read(inForce, { ...base, origin: 'http://b' }, () => told.push('asked about') < 2);
    await closed;
    expect(told).toEqual(['asked about', 'asked about', 'closed']);
  });

  it('reach an origin anew that a stricter route leads to', () => {
    const inForce = started({ ...base, preset: 'rfc' });
    const before = inForce.upstreams.origins.get('default');
    expect(before?.unknownTransferCodings).toBe('pass');
    read(inForce, { ...base, preset: 'rfc', defaultTtl: '1s' });
    expect(inForce.upstreams.origins.get('default')).toBe(before);
    read(inForce, { ...base, preset: 'safe' });
    expect(inForce.upstreams.origins.get('default')).toMatchObject({ unknownTransferCodings: 'refuse' });
  });
});
