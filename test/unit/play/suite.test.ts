import { expect, it } from 'vitest';
import { assembleEtagere } from '../../../src/play/etagere.ts';
import { inProcess } from '../../../src/play/in-process.ts';
import { playSuite } from '../../../src/play/suite.ts';
import type { TransportSource } from '../../../src/play/transport.ts';
import { fixtureOf, hit } from './fixture-text.ts';
import { relay } from './relay.ts';

const exchange = 'client sends GET /a\norigin receives GET /a\norigin answers 204\nclient receives 204\n';

/** In process, and how many fixtures were under way as each one began, itself counted. */
function watched(): { source: TransportSource; begun: number[] } {
  const inner = inProcess(relay);
  const begun: number[] = [];
  let underWay = 0;
  const open: TransportSource['open'] = async (options) => {
    underWay += 1;
    begun.push(underWay);
    const transport = await inner.open(options);
    const close = transport.close.bind(transport);
    transport.close = async () => {
      await close();
      underWay -= 1;
    };
    return transport;
  };
  return { source: { ...inner, open }, begun };
}

it('tells how each fixture ended, in the order in which they were given', async () => {
  const fixtures = [
    fixtureOf(exchange),
    fixtureOf(`at 5s\n${hit}`),
    fixtureOf('origin silent\n'),
    fixtureOf('at 1s\n'),
  ];
  const played = await playSuite(fixtures, {
    source: inProcess(relay),
    sideBySide: 2,
    inapplicable: (fixture) => (fixture === fixtures[2] ? 'not today' : undefined),
  });
  expect(played.map(({ fixture }) => fixture)).toEqual(fixtures);
  expect(played.map(({ result }) => result.outcome)).toEqual(['passed', 'not reached', 'inapplicable', 'passed']);
});

it('plays as many at once as it may, and those that need the origin alone, alone', async () => {
  const { source, begun } = watched();
  const together = Array.from({ length: 5 }, () => fixtureOf(exchange));
  const alone = Array.from({ length: 2 }, () => fixtureOf('origin refuses\n'));
  const played = await playSuite([...alone, ...together], { source, sideBySide: 3, inapplicable: () => undefined });
  expect(played.map(({ result }) => result.outcome)).toEqual(Array(7).fill('passed'));
  expect(Math.max(...begun.slice(0, 5))).toBe(3);
  expect(begun.slice(5)).toEqual([1, 1]);
});

it('plays what did not pass a second time where it may, and that counts', async () => {
  const fixtures = [fixtureOf(exchange), fixtureOf(hit)];
  const [first, second] = [watched(), watched()];
  const options = { source: first.source, sideBySide: 1, inapplicable: () => undefined };
  const outcomes = async (secondSource: TransportSource): Promise<string[]> =>
    (await playSuite(fixtures, { ...options, secondSource })).map(({ result }) => result.outcome);
  expect(await outcomes(second.source)).toEqual(['passed', 'not reached']);
  expect(await outcomes(inProcess(assembleEtagere))).toEqual(['passed', 'passed']);
  expect([first.begun.length, second.begun.length]).toEqual([4, 1]);
});
