#!/usr/bin/env node
import cluster from 'node:cluster';
import { keepHeapClose } from './heap.ts';
import { run } from './run.ts';
import { processTerminal } from './terminal.ts';

keepHeapClose();
if (cluster.isWorker) {
  const { work } = await import('./worker.ts');
  // The way to the process that has begun this one would keep it alive.
  process.exit(await work(processTerminal()));
}
process.exitCode = await run(process.argv.slice(2), processTerminal());
