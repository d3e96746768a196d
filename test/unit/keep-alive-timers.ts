import { readFileSync } from 'node:fs';

/** How the kernel writes the state of a connection that is open, and the timer by which it asks a silent end whether it is still there. */
const [established, askingTimer] = ['01', '02'];

/**
 * Of each open end that connections between 127.0.0.1 and this port have there (`at`), or at the other side (`to`): whether the system asks its peer after a silence.
 * On Linux alone.
 */
export function keepAliveTimers(port: number, end: 'at' | 'to'): boolean[] {
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((row) => row.trim().split(/ +/))
    .filter(([, own, peer, state]) => (end === 'at' ? own : peer) === address && state === established)
    .map(([, , , , , timer]) => timer?.startsWith(`${askingTimer}:`) ?? false);
}
