import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { markdownTable } from '../markdown-table.ts';
import type { Contestant } from './contestants.ts';
import { answersPerSecond, type Asked, askOpenly } from './open-load.ts';
import type { Section } from './section.ts';
import type { Stage } from './stage.ts';
import { percentile } from './statistics.ts';
import { around } from './tables.ts';
import { attempted } from './trouble.ts';

/** What the origin does: so many requests at once, each for so long. */
const originConnections = 8;
const serviceMs = 40;

/** Hits beside them, all the time. */
const hitsPerSecond = 100;

/** A client that has no answer by then has gone, and its answer is worth nothing. */
const patienceMs = 1_000;

/** In turn: well below what the origin can do, three times that, and well below again. */
const steps = [
  { name: 'before', ofCapacity: 0.8 },
  { name: 'three times capacity', ofCapacity: 3 },
  { name: 'after', ofCapacity: 0.8 },
] as const;

/** As long as it takes for a queue to fill, and to be seen to empty. */
const leastSeconds = 6;
const windowMs = 500;
const mostOfWindow = 0.95;

/** The goals: of what the origin can do, of hits, and until it is well again. */
const leastGoodput = 0.9;
const mostRecoverySeconds = 5;

/** One step, as its clients saw it. */
export interface StepSample {
  /** How many misses a second could be answered, as was measured right before the round. */
  readonly capacity: number;
  readonly misses: readonly Asked[];
  readonly hits: readonly Asked[];
}

/** What the clients of a cache notice where its origin is asked for three times what it can do. Of Etagere only. */
export async function overloadSection(contestants: readonly Contestant[], stage: Stage): Promise<Section> {
  const seconds = stage.quick ? 1 : Math.max(stage.seconds, leastSeconds);
  const rows: (readonly string[])[] = [];
  let troubles = 0;
  for (const contestant of contestants) {
    const { value, trouble } = await attempted(contestant.name, () => roundsOf(contestant, stage, seconds));
    troubles += value === undefined ? 1 : 0;
    const found = value === undefined ? [[trouble]] : overloadRows(value, seconds);
    rows.push(...found.map((cells) => [contestant.name, ...cells]));
  }
  const text = `An origin that takes ${originConnections} requests at once, each for ${serviceMs} ms; before each round is measured what comes of that when nobody has to wait for long. Distinct misses come at the rate of each row for ${seconds} s, however long others take, and ${hitsPerSecond} hits a second beside them. A client has gone after ${patienceMs / 1_000} s, and an answer
that comes later is not counted. Goodput: answers of 200 in time, of what the origin can do in that time, or of all that were asked for where that is less; the goal is for three times capacity. Well again: from the end of that, until of a window of ${windowMs} ms nearly all misses are answered in time.

${markdownTable(['server', 'misses', 'goodput', 'goal', '503 at once (p99 ms)', 'gone', 'p50 ms', 'p99 ms', 'hits answered', 'hits, p99 ms', 'well again after s', 'goal'], rows)}`;
  return { name: 'overload', title: 'Three times what the origin can do', text, troubles };
}

async function roundsOf(
  { start }: Pick<Contestant, 'start'>,
  { ground, rounds }: Stage,
  seconds: number,
): Promise<readonly (readonly StepSample[])[]> {
  const origin = createServer((_, response) => {
    setTimeout(() => response.writeHead(200, { 'cache-control': 'max-age=600' }).end('content'), serviceMs);
  });
  origin.listen(0, '127.0.0.1');
  await once(origin, 'listening');
  const { port: originPort } = origin.address() as AddressInfo;
  const ownFlags = ['--origin-connections', String(originConnections)];
  const server = await start({ ...ground, originPort, ownFlags }, 'plain');
  try {
    const samples: StepSample[][] = [];
    await askOpenly({ url: server.url, path: () => '/hit', perSecond: hitsPerSecond, seconds: 1, patienceMs: 10_000 });
    for (let round = 0; round < rounds; round++) {
      const steppedThrough: StepSample[] = [];
      const all = {
        url: server.url,
        seconds: seconds / 2,
        patienceMs: 10_000,
        path: (index: number) => `/${round}/all/${index}`,
      };
      const capacity = await answersPerSecond(all, originConnections);
      for (const [step, { ofCapacity }] of steps.entries()) {
        const load = { url: server.url, seconds, patienceMs };
        const path = (index: number): string => `/${round}/${step}/${index}`;
        const [misses, hits] = await Promise.all([
          askOpenly({ ...load, path, perSecond: capacity * ofCapacity }),
          askOpenly({ ...load, path: () => '/hit', perSecond: hitsPerSecond }),
        ]);
        steppedThrough.push({ capacity, misses, hits });
      }
      samples.push(steppedThrough);
    }
    return samples;
  } finally {
    await server.stop();
    origin.closeAllConnections();
    origin.close();
  }
}

/** One row for each step, of all rounds. */
export function overloadRows(rounds: readonly (readonly StepSample[])[], seconds: number): readonly string[][] {
  return steps.map(({ name, ofCapacity }, step) => {
    const samples = rounds.flatMap((round) => round[step] ?? []);
    const good = samples.map((sample) => goodput(sample, seconds));
    const answered = samples.flatMap(({ misses }) => misses.filter(isGood)).map(took);
    const refused = samples.flatMap(({ misses }) => misses.filter(({ status }) => status === 503)).map(took);
    const gone = samples.map(({ misses }) => share(misses, ({ status }) => status === 0) * 100);
    const hits = samples.flatMap((sample) => sample.hits);
    const again = samples.map(({ misses }) => recoverySeconds(misses, seconds));
    return [
      name,
      around(good, 2),
      ofCapacity > 1 ? `≥ ${leastGoodput}` : '',
      refused.length === 0 ? '' : `${refused.length} (${percentile(refused, 99).toFixed(0)})`,
      `${around(gone, 0)} %`,
      figure(answered, 50),
      figure(answered, 99),
      `${(share(hits, isGood) * 100).toFixed(1)} %`,
      figure(hits.map(took), 99),
      step === steps.length - 1 ? around(again, 1) : '',
      step === steps.length - 1 ? `≤ ${mostRecoverySeconds}` : '',
    ];
  });
}

/** Answers in time, of as many as there could have been. */
function goodput({ misses, capacity }: StepSample, seconds: number): number {
  return misses.filter(isGood).length / Math.min(misses.length, capacity * seconds);
}

/** The end of the last window in which some were not answered in time; 0 where there is none. */
function recoverySeconds(misses: readonly Asked[], seconds: number): number {
  for (let toMs = seconds * 1_000; toMs > 0; toMs -= windowMs) {
    const inWindow = misses.filter(({ atMs }) => atMs >= toMs - windowMs && atMs < toMs);
    if (inWindow.length > 0 && share(inWindow, isGood) < mostOfWindow) return toMs / 1_000;
  }
  return 0;
}

function isGood({ status }: Asked): boolean {
  return status === 200;
}

function took({ tookMs }: Asked): number {
  return tookMs;
}

function share(all: readonly Asked[], are: (asked: Asked) => boolean): number {
  return all.filter(are).length / all.length;
}

function figure(values: readonly number[], hundredths: number): string {
  return values.length === 0 ? '' : percentile(values, hundredths).toFixed(0);
}
