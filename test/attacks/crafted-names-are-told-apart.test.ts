import { expect, test } from 'vitest';
import { describedBy, describedContent } from '../harness/described-content.ts';
import { askAll } from '../harness/many-requests.ts';
import { overBothLanes, proxyStage } from '../harness/proxy-stage.ts';
import { responseWith, type SeenRequest } from '../harness/recording-origin.ts';

const bits = 10;
const count = 2 ** bits;

/** Texts of one length that common hash functions (31·h + c) take to one value. */
const colliding = (number: number): string =>
  Array.from({ length: bits }, (_, bit) => ((number >> bit) % 2 === 0 ? 'Aa' : 'BB')).join('');

/** Names that objects have of their own, and numbers, whose hash in V8 is their value. */
const ofObjects = ['__proto__', 'constructor', 'toString', 'valueOf', 'hasOwnProperty', '0', '1', '4294967295'];

const described = ({ target, index }: SeenRequest): string =>
  responseWith(describedContent({ url: target, variant: '', user: '', generation: index }), [
    'Cache-Control: max-age=600',
  ]);

overBothLanes(() => {
  test(`${count} targets that collide are stored each by itself, and found again`, async () => {
    const stage = await proxyStage(described, {
      limits: { originQueueTimeoutMs: 120_000, overloadDelayMs: 0 },
    });
    const targets = [
      ...Array.from({ length: count }, (_, number) => `/?${colliding(number)}`),
      ...ofObjects.map((name) => `/${name}?${name}=${name}`),
    ];
    for (let round = 0; round < 2; round++) {
      const answers = await askAll(stage, targets);
      expect(answers.map(({ content }) => describedBy(content).url)).toEqual(targets);
    }
    expect(stage.origin.seen).toHaveLength(targets.length);
  });

  test('names of fields that objects have of their own are fields like any other', async () => {
    const stage = await proxyStage(described);
    const lines = ofObjects.map((name) => `${name}: ${name}`);
    const first = await stage.get('/a', lines);
    expect(first.status).toBe(200);
    expect(stage.origin.seen[0]?.values('__proto__')).toEqual(['__proto__']);
    expect(describedBy((await stage.get('/a')).content)).toEqual(describedBy(first.content));
    expect(stage.origin.seen).toHaveLength(1);
  });
});
