import { expect } from 'vitest';
import type { EtagereOptions } from '../../src/index.ts';
import { type ProxyStage, proxyStage } from './proxy-stage.ts';
import { RawClient } from './raw-client.ts';
import { responseWith } from './recording-origin.ts';
import { readResponses, type StrictMessage } from './strict-messages.ts';

/** A stage with an admin listener, and with a response under /a that an attack on it would purge. */
export interface AdminStage extends ProxyStage {
  /** Host and port of the admin listener. */
  readonly admin: string;
  /**
   * Has all purged, by one POST for each of these lists of lines, behind one another on one connection to the admin listener. Host and Content-Type are as they should be unless they are among the lines.
   * Resolves with the responses.
   */
  readonly purges: (lines: readonly (readonly string[])[]) => Promise<readonly StrictMessage[]>;
  /** Whether what was stored under /a is used as before. */
  readonly isStillStored: () => Promise<boolean>;
}

const order = '{"all":true,"mode":"hard"}';
const usual = ['Host: localhost', 'Content-Type: application/json'];

/** Begins one; all of it ends with the test. */
export async function adminStage(options: Partial<EtagereOptions> = {}): Promise<AdminStage> {
  const stage = await proxyStage(
    ({ target }) => responseWith(`${target} of the origin`, ['Cache-Control: max-age=600']),
    {
      admin: 0,
      ...options,
    },
  );
  const { host: admin, port } = new URL(await stage.etagere.listenAdmin());
  expect((await stage.get('/a')).field('cache-status')).toContain('stored');
  const isStillStored = async (): Promise<boolean> => {
    const before = stage.origin.seen.length;
    const { content, field } = await stage.get('/a');
    const isHit = field('cache-status')?.includes('; hit') === true && stage.origin.seen.length === before;
    return isHit && content === '/a of the origin';
  };
  const purges: AdminStage['purges'] = async (all) => {
    const client = new RawClient(Number(port));
    client.send(all.map((lines, index) => purge(lines, index === all.length - 1)).join(''));
    await client.closed;
    const methods = all.map(() => 'POST');
    const { messages, fault } = readResponses(client.received, methods, true);
    expect([messages.length, fault]).toEqual([all.length, undefined]);
    return messages;
  };
  return { ...stage, admin, purges, isStillStored };
}

function purge(lines: readonly string[], isLast: boolean): string {
  const missing = usual.filter((line) => !lines.some((given) => nameOf(given) === nameOf(line)));
  const end = isLast ? ['Connection: close'] : [];
  const head = ['POST /v1/purge HTTP/1.1', ...missing, ...lines, `Content-Length: ${order.length}`, ...end];
  return `${head.join('\r\n')}\r\n\r\n${order}`;
}

function nameOf(line: string): string {
  return line.slice(0, line.indexOf(':'));
}

/** How many responses have each status. */
export function statuses(messages: readonly StrictMessage[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { startLine } of messages) {
    const status = startLine.slice(9, 12);
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}
