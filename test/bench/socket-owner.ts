import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Whether that process holds the other end of a connection on this machine, whose end here has that port. */
export function holdsOtherEnd(pid: number, port: number): boolean {
  const inodes = inodesOfOtherEnds(readFileSync('/proc/net/tcp', 'utf8'), port);
  const open = openFiles(pid);
  return inodes.some((inode) => open.includes(`socket:[${inode}]`));
}

/** From a table of connections as Linux tells it: of those that have that port at the far end. There may be others than one looks for, to another host or over for some time. */
export function inodesOfOtherEnds(table: string, port: number): readonly string[] {
  const far = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
  return rows.filter(([, , remote = '']) => remote.endsWith(far)).map((row) => row[9] ?? '');
}

/** Empty where it has ended. */
function openFiles(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((name) => linkOf(`/proc/${pid}/fd/${name}`) ?? []);
  } catch {
    return [];
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    // It was closed meanwhile.
    return undefined;
  }
}
