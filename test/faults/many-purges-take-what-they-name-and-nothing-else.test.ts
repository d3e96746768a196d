import { expect, test } from 'vitest';
import { askAll } from '../harness/many-requests.ts';
import { type Answerer, responseWith } from '../harness/recording-origin.ts';
import { onShelves, proxyStage } from '../harness/proxy-stage.ts';

const stored = 1_500;
const purges = 1_000;

onShelves(['memory', 'disk'], () => {
  test(`of ${purges} purges at once each is in force with its receipt, while hits go on, and the others stay`, async () => {
    const generations = new Map<string, number>();
    const answer: Answerer = ({ target }) => {
      const generation = (generations.get(target) ?? 0) + 1;
      generations.set(target, generation);
      return responseWith(`${target} ${generation}`, ['Cache-Control: max-age=600']);
    };
    const stage = await proxyStage(answer);
    const targets = Array.from({ length: stored }, (_, i) => `/${i}`);
    await askAll(stage, targets);
    const [purged, kept] = [targets.slice(0, purges), targets.slice(purges)];
    const [receipts, hits] = await Promise.all([
      Promise.all(purged.map((target) => stage.etagere.purge({ url: `http://shop.test${target}`, mode: 'hard' }))),
      askAll(stage, kept),
    ]);
    expect(new Set(receipts.map(({ matched, removed }) => `${matched} ${removed}`))).toEqual(new Set(['1 1']));
    expect(hits.map(({ content }) => content)).toEqual(kept.map((target) => `${target} 1`));
    expect(stage.origin.seen).toHaveLength(stored);
    const after = await askAll(stage, purged);
    expect(after.map(({ content }) => content)).toEqual(purged.map((target) => `${target} 2`));
  });
});
