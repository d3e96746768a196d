import type { ChildProcess } from 'node:child_process';

/** What the first process says when it hands a connection over, and what a worker answers; of node:cluster. */
interface ClusterMessage {
  readonly act?: unknown;
  readonly seq?: unknown;
  readonly ack?: unknown;
}

interface Handle {
  readonly close: () => void;
}

/**
 * Closes the connections that a process was handed and has not taken when it ends: node:cluster would keep them open for as long as their clients wait. It tells nobody of them, so what it sends is looked at; where
 * another version of Node says it otherwise, nothing is closed.
 */
export function closeUntaken(process: ChildProcess): void {
  // The system may not have let it begin.
  if (!process.connected) return;
  const untaken = new Map<unknown, Handle>();
  const send = process.send.bind(process) as (...args: unknown[]) => boolean;
  process.send = (...args: unknown[]): boolean => {
    const [message, handle] = args;
    if (isOfCluster(message) && message.act === 'newconn' && isHandle(handle)) untaken.set(message.seq, handle);
    return send(...args);
  };
  process.on('internalMessage', (message: unknown) => {
    if (isOfCluster(message)) untaken.delete(message.ack);
  });
  process.once('close', () => {
    for (const handle of untaken.values()) handle.close();
  });
}

function isOfCluster(message: unknown): message is ClusterMessage {
  return typeof message === 'object' && message !== null && 'cmd' in message && message.cmd === 'NODE_CLUSTER';
}

function isHandle(value: unknown): value is Handle {
  return typeof value === 'object' && value !== null && 'close' in value && typeof value.close === 'function';
}
