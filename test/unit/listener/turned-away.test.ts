import { expect, it } from 'vitest';
import { TurnedAway } from '../../../src/listener/turned-away.ts';

it('says that clients are closed as all places are taken, and once a minute that they still are', () => {
  const said: string[] = [];
  let now = 1_000_000;
  const turnedAway = new TurnedAway({ limit: 2, warn: (line) => said.push(line), steady: () => now });
  turnedAway.note();
  turnedAway.note();
  const line =
    'as many clients are connected as --client-connections allows (2): who comes now is closed without an answer';
  expect(said).toEqual([`${line}, 1 since the start`]);
  now += 59_999;
  turnedAway.note();
  expect(said).toHaveLength(1);
  now += 1;
  turnedAway.note();
  expect(said.slice(1)).toEqual([`${line}, 4 since the start`]);
});
