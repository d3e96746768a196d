import { readdir } from 'node:fs/promises';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Metric } from './exposition.ts';

/** How often the delay of the event loop is sampled. */
const resolutionMs = 20;

/** Figures of the process, under the names that Prometheus clients have for them everywhere. */
export class ProcessMetrics {
  readonly #delay = monitorEventLoopDelay({ resolution: resolutionMs });

  constructor() {
    this.#delay.enable();
  }

  /** The delays are those since the last call. */
  async read(): Promise<readonly Metric[]> {
    const openFiles = await countOpenFiles();
    return [
      ...this.counted(),
      ...stateFigures(),
      ...heapFigures(),
      ...this.#delayFigures(),
      {
        name: 'process_open_fds',
        type: 'gauge',
        help: 'File descriptors that are open, sockets among them.',
        samples: openFiles === undefined ? [] : [{ value: openFiles }],
      },
    ];
  }

  /** Those that only grow. */
  counted(): readonly Metric[] {
    const { user, system } = process.cpuUsage();
    return [
      counter('process_cpu_user_seconds_total', 'Seconds of CPU time in user mode.', user / 1e6),
      counter('process_cpu_system_seconds_total', 'Seconds of CPU time in the kernel.', system / 1e6),
      counter('process_cpu_seconds_total', 'Seconds of CPU time, all threads.', (user + system) / 1e6),
      counter(
        'nodejs_eventloop_active_seconds_total',
        'Seconds in which the event loop was at work: its rate is the share of a core that requests have taken.',
        performance.eventLoopUtilization().active / 1000,
      ),
    ];
  }

  stop(): void {
    this.#delay.disable();
  }

  #delayFigures(): Metric[] {
    const delay = this.#delay;
    const figures = [
      ['mean', 'Mean', delay.mean],
      ['p50', 'Median', delay.percentile(50)],
      ['p90', '90th percentile', delay.percentile(90)],
      ['p99', '99th percentile', delay.percentile(99)],
      ['max', 'Longest', delay.max],
    ] as const;
    const delays = figures.map(([name, word, nanoseconds]) =>
      gauge(
        `nodejs_eventloop_lag_${name}_seconds`,
        `${word} delay of the event loop in seconds, since the last scrape.`,
        // Without a sample yet the mean is no number, and the longest is below what there can be.
        Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e9 - resolutionMs / 1000) : 0,
      ),
    );
    delay.reset();
    return delays;
  }
}

function stateFigures(): Metric[] {
  return [
    gauge(
      'process_start_time_seconds',
      'When the process began, in seconds since the epoch.',
      performance.timeOrigin / 1000,
    ),
  ];
}

function heapFigures(): Metric[] {
  const { rss, heapTotal, heapUsed, external } = process.memoryUsage();
  return [
    gauge('process_resident_memory_bytes', 'Bytes of memory that the process holds.', rss),
    gauge('nodejs_heap_size_total_bytes', 'Bytes that the heap of JavaScript has reserved.', heapTotal),
    gauge('nodejs_heap_size_used_bytes', 'Bytes of it in use.', heapUsed),
    gauge(
      'nodejs_external_memory_bytes',
      'Bytes outside that heap that objects in it hold: the shelf is there.',
      external,
    ),
  ];
}

function counter(name: string, help: string, value: number): Metric {
  return { name, type: 'counter', help, samples: [{ value }] };
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, type: 'gauge', help, samples: [{ value }] };
}

/** Undefined where the system has no such list. */
async function countOpenFiles(): Promise<number | undefined> {
  try {
    return (await readdir('/proc/self/fd')).length;
  } catch {
    return undefined;
  }
}
