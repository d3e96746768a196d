import { ChildProcess } from 'node:child_process';
import { expect, it } from 'vitest';
import { closeUntaken } from '../../../src/workers/handed-over.ts';

/** A process that is none, what it is sent, and connections that are none. */
function made(): {
  readonly process: ChildProcess;
  readonly sent: unknown[];
  readonly closed: number[];
  readonly handOver: (seq: number) => void;
} {
  const process = new ChildProcess();
  const sent: unknown[] = [];
  process.send = (message: unknown): boolean => {
    sent.push(message);
    return true;
  };
  Object.defineProperty(process, 'connected', { value: true });
  closeUntaken(process);
  const closed: number[] = [];
  const handOver = (seq: number): void => {
    const handle = { close: () => void closed.push(seq) };
    const send = process.send.bind(process) as (message: object, handle: object) => boolean;
    send({ cmd: 'NODE_CLUSTER', act: 'newconn', seq }, handle);
  };
  return { process, sent, closed, handOver };
}

it('connections that a worker has not taken are closed when it has ended, and no others', () => {
  const { process, closed, handOver } = made();
  for (const seq of [1, 2, 3]) handOver(seq);
  process.emit('internalMessage', { cmd: 'NODE_CLUSTER', ack: 1, accepted: true });
  process.emit('internalMessage', { cmd: 'NODE_CLUSTER', ack: 3, accepted: false });
  process.emit('internalMessage', { ack: 2 });
  expect(closed).toEqual([]);
  process.emit('close');
  expect(closed).toEqual([2]);
});

it('everything that is sent to a worker still is', () => {
  const { process, sent, closed, handOver } = made();
  handOver(1);
  process.send({ kind: 'stop' });
  process.send('text');
  process.emit('close');
  expect(sent).toEqual([{ cmd: 'NODE_CLUSTER', act: 'newconn', seq: 1 }, { kind: 'stop' }, 'text']);
  expect(closed).toEqual([1]);
});

it('a process that the system did not let begin has no way to hand anything over', () => {
  const process = new ChildProcess();
  Object.defineProperty(process, 'connected', { value: false });
  expect(() => closeUntaken(process)).not.toThrow();
});
