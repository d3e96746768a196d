#!/usr/bin/env node
import { keepHeapClose } from './heap.ts';
import { run } from './run.ts';
import { processTerminal } from './terminal.ts';

keepHeapClose();
process.exitCode = await run(process.argv.slice(2), processTerminal());
