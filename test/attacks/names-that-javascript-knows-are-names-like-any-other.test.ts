import { expect, test } from 'vitest';
import { overBothLanes, onShelves, type ProxyStage, proxyStage, shelves } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';

const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'then', 'length'];

overBothLanes(() => {
  onShelves(shelves, (shelf) => {
    test.each(names)(
      '%s as a field, a query, a cookie, a path, a directive and what a response varies on',
      async (name) => {
        const stage = await proxyStage(({ target, values }) =>
          responseWith(`${target} ${values(name.toLowerCase()).join()}`, [
            `Cache-Control: max-age=600, ${name}, ${name}=1`,
            `Vary: ${name}`,
            `${name}: of the origin`,
          ]),
        );
        const target = `/${name}?${name}=1&${name}[${name}]=2`;
        const lines = [`Cookie: ${name}=1`, `Accept-Language: ${name}`];
        const ask = async ({ get }: ProxyStage): Promise<void> => {
          for (const value of ['one', 'two']) {
            const response = await get(target, [`${name}: ${value}`, ...lines]);
            expect([response.content, response.field(name.toLowerCase())]).toEqual([
              `${target} ${value}`,
              'of the origin',
            ]);
          }
        };
        await ask(stage);
        await ask(stage);
        await ask(await stage.restarted());
        const seen = stage.origin.seen.map(({ values }) => values(name.toLowerCase()).join());
        expect(seen).toEqual(shelf === 'memory' ? ['one', 'two', 'one', 'two'] : ['one', 'two']);
        expect(stage.origin.faults()).toEqual([]);
      },
    );

    test.each(names)('%s as a tag and as a group, and as that of a purge', async (name) => {
      const stage = await proxyStage(({ method, index }) =>
        method === 'POST'
          ? responseWith('', [`Cache-Group-Invalidation: "${name}"`])
          : responseWith(String(index), [
              'Cache-Control: max-age=600',
              `Cache-Tag: ${name}`,
              `Cache-Groups: "${name}"`,
            ]),
      );
      const content = async (): Promise<string> => (await stage.get('/a')).content;
      expect([await content(), await content()]).toEqual(['0', '0']);
      await stage.etagere.purge({ tag: 'other' });
      expect(await content()).toBe('0');
      await stage.etagere.purge({ tag: name });
      expect([await content(), await content()]).toEqual(['1', '1']);
      await stage.get('/b', [], 'POST');
      expect([await content(), await content()]).toEqual(['3', '3']);
    });
  });
});
