import { Chance } from './chance.ts';
import {
  type Fault,
  type RequestStep,
  type Script,
  type Sequence,
  type Step,
  targets,
  type Trouble,
} from './sequence.ts';

/** Most steps of a sequence. */
const maxSteps = 40;

const controls = [
  '',
  'public',
  'max-age=10',
  'max-age=10',
  'max-age=60',
  'public, max-age=60',
  's-maxage=10, max-age=60',
  'MAX-AGE=20',
  'max-age=0',
  'no-cache',
  'max-age=60, no-cache',
  'no-store',
  'max-age=60, No-Store',
  'private',
  'max-age=60, PRIVATE',
  'max-age=5, stale-while-revalidate=20',
  'max-age=5, stale-if-error=30',
  'max-age=5, stale-while-revalidate=10, stale-if-error=30',
  'max-age=5, must-revalidate, stale-if-error=30, stale-while-revalidate=30',
  's-maxage=5, stale-if-error=30',
  'max-age=10, proxy-revalidate',
  'max-age=10, must-revalidate',
] as const;

const requestControls = [
  'no-cache',
  'no-store',
  'max-age=0',
  'max-age=3',
  'min-fresh=5',
  'max-stale',
  'only-if-cached',
] as const;
const varies = [
  'cookie',
  'accept-language',
  'authorization',
  'Accept-Language, Cookie',
  '*',
  'accept-language, *',
] as const;
const ranges = [
  'bytes=0-9',
  'bytes=100-199',
  'bytes=-50',
  'bytes=64-',
  'bytes=0-',
  'bytes=5000-',
  'bytes=1-2,5-9',
] as const;
const faults: readonly [Fault, ...Fault[]] = [
  'refused',
  'broken',
  'truncated',
  'holds-head',
  'holds-head',
  'holds-content',
];

/** The sequence of a seed. */
export function sequenceOf(seed: number): Sequence {
  const chance = new Chance(seed);
  const shelf = chance.of(['memory', 'at-once', 'later']);
  const instances = shelf === 'memory' || chance.oneIn(2) ? 1 : 2;
  const memoryBytes = chance.oneIn(4) ? 160 * 1024 : 2 ** 22;
  // Few targets in a sequence, so that its steps have to do with one another.
  const reach = 1 + chance.below(targets.length);
  const steps: Step[] = [];
  const scripts = Array.from({ length: reach }, () => scriptOf(chance));
  for (const [target, script] of scripts.entries()) steps.push({ kind: 'script', target, script });
  const count = 4 + chance.below(maxSteps - 4);
  while (steps.length < count) steps.push(stepOf(chance, scripts, instances));
  return { shelf, instances, memoryBytes, steps };
}

/** The script that it draws, if so, is in the place of the one before. */
function stepOf(chance: Chance, scripts: Script[], instances: number): Step {
  const target = chance.below(scripts.length);
  const instance = chance.below(instances);
  const drawn = chance.below(100);
  if (drawn < 58) return requestOf(chance, target, instance);
  if (drawn < 70) {
    const script = nextScript(chance, scripts[target]);
    scripts[target] = script;
    return { kind: 'script', target, script };
  }
  if (drawn < 74) return { kind: 'change', target };
  if (drawn < 80) return { kind: 'release', how: chance.oneIn(4) ? 'break-off' : 'go-on' };
  if (drawn < 82) return { kind: 'leave' };
  if (drawn < 88) {
    const by = chance.of(['url', 'url', 'prefix', 'host', 'tag', 'all']);
    return { kind: 'purge', instance, by, target, mode: chance.of(['soft', 'hard']), settles: !chance.oneIn(3) };
  }
  if (drawn < 89) return { kind: 'turn', count: 1 + chance.below(5) };
  if (drawn < 90) return { kind: 'jump', ms: chance.of([-3_600_000, 3_600_000, -5_000, 5_000]) };
  if (drawn < 92) return { kind: 'trouble', instance, trouble: troubleOf(chance) };
  if (drawn < 98)
    return { kind: 'pass', ms: chance.of([1, 500, 1_000, 3_000, 5_000, 6_000, 10_000, 11_000, 31_000, 200_000]) };
  return { kind: 'restart', instance, isCrash: chance.oneIn(2) };
}

function troubleOf(chance: Chance): Trouble {
  const kind = chance.of(['calls-fail', 'cut-off', 'over', 'over']);
  return kind === 'calls-fail' ? { kind, oneIn: 1 + chance.below(6) } : { kind };
}

function requestOf(chance: Chance, target: number, instance: number): RequestStep {
  const credentials = chance.of(['none', 'none', 'cookie', 'cookie', 'authorization']);
  return {
    kind: 'request',
    instance,
    method: chance.oneIn(8) ? chance.of(['HEAD', 'HEAD', 'POST', 'DELETE']) : 'GET',
    target,
    user: chance.of(['ann', 'bob', 'cat']),
    credentials,
    language: chance.of([undefined, 'de', 'en']),
    control: chance.oneIn(6) ? chance.of(requestControls) : undefined,
    range: chance.oneIn(6) ? chance.of(ranges) : undefined,
    isConditional: chance.oneIn(8),
    isPlain: chance.oneIn(2),
    reads: chance.oneIn(40) ? 'never' : 'all',
    settles: !chance.oneIn(4),
  };
}

/** Often the same with other directives, so that what is stored can be confirmed with them. */
function nextScript(chance: Chance, script: Script | undefined): Script {
  if (script === undefined || chance.oneIn(3)) return scriptOf(chance);
  const { control, fault, setsCookie } = scriptOf(chance);
  return { ...script, control, fault, setsCookie };
}

function scriptOf(chance: Chance): Script {
  const validator = chance.of(['strong', 'strong', 'weak', 'date', 'none']);
  // A date tells neither variants nor users apart: an origin that had only that could not validate them.
  const isOne = validator === 'date';
  const control = chance.of(controls);
  return {
    status: chance.oneIn(8) ? chance.of([404, 500, 503, 301, 410]) : 200,
    control,
    expires: chance.oneIn(6) ? chance.of([-10, 10, 30]) : undefined,
    age: chance.oneIn(6) ? chance.of([0, 3, 8]) : undefined,
    vary: !isOne && chance.oneIn(3) ? chance.of(varies) : '',
    validator,
    validates: !chance.oneIn(5),
    setsCookie: chance.oneIn(8),
    isPersonal: !isOne && chance.oneIn(4),
    tag: chance.of([undefined, 'red', 'blue']),
    hasRanges: !chance.oneIn(3),
    framing: chance.of(['length', 'chunks']),
    fault: chance.oneIn(5) ? chance.of(faults) : 'none',
  };
}
