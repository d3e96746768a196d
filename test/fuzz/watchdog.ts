import { Worker } from 'node:worker_threads';

/** How long one execution may keep the thread, in milliseconds: time that is linear in the input is a thousandth of it. */
const longestMs = 20_000;

/** Another thread, as the one that does not end an execution can't tell. */
const watching = `
const { beats, names, longestMs } = require('node:worker_threads').workerData;
for (let last = -1; Atomics.wait(beats, 1, 0, longestMs) === 'timed-out'; ) {
  const now = Atomics.load(beats, 0);
  if (now === last) {
    const [seed, name] = [Atomics.load(beats, 2) >>> 0, names[Atomics.load(beats, 3)]];
    require('node:fs').writeSync(2, 'no execution ended for ' + longestMs + ' ms; the last that began: --seed ' + seed + ' --only ' + name + '\\n');
    process.kill(process.pid, 'SIGKILL');
  }
  last = now;
}
`;

export interface Watchdog {
  /** An execution begins, of the target with that name. */
  readonly begins: (name: string, seed: number) => void;
  /** Which one began last. */
  readonly last: () => string;
  readonly stop: () => void;
}

/** Ends the process where an execution of one of these targets does not end. */
export function watchdog(names: readonly string[]): Watchdog {
  const beats = new Int32Array(new SharedArrayBuffer(16));
  const worker = new Worker(watching, { eval: true, workerData: { beats, names, longestMs } });
  worker.unref();
  return {
    begins: (name, seed) => {
      Atomics.add(beats, 0, 1);
      Atomics.store(beats, 2, seed | 0);
      Atomics.store(beats, 3, names.indexOf(name));
    },
    last: () => `--seed ${(beats[2] ?? 0) >>> 0} --only ${names[beats[3] ?? 0]}`,
    stop: () => {
      Atomics.store(beats, 1, 1);
      Atomics.notify(beats, 1);
    },
  };
}
