import { once } from 'node:events';
import type { ProxyStage } from './proxy-stage.ts';
import { readResponses, type StrictMessage } from './strict-messages.ts';

/** The system has room for some hundreds that connect. */
const atOnce = 200;

/**
 * Sends a GET for each of these targets, so many behind one another on a connection, all connections at once; resolves with the responses in their order when all are there. Rejects where one is
 * not whole. Over node:http 64 of a connection are begun at once, over the fast lane one.
 */
export async function askAll(
  stage: Pick<ProxyStage, 'client'>,
  targets: readonly string[],
  perConnection = 64,
): Promise<readonly StrictMessage[]> {
  const answered: Promise<readonly StrictMessage[]>[] = [];
  for (let from = 0; from < targets.length; from += perConnection) {
    const asking = new Asking(stage, targets.slice(from, from + perConnection));
    answered.push(asking.answered);
    if (answered.length % atOnce === 0) await asking.connected;
  }
  return (await Promise.all(answered)).flat();
}

class Asking {
  readonly connected: Promise<unknown>;
  readonly answered: Promise<readonly StrictMessage[]>;

  constructor({ client }: Pick<ProxyStage, 'client'>, targets: readonly string[]) {
    const asking = client();
    const methods = targets.map(() => 'GET');
    asking.send(targets.map((target) => `GET ${target} HTTP/1.1\r\nHost: shop.test\r\n\r\n`).join(''));
    this.connected = once(asking.socket, 'connect');
    this.answered = asking.answered(methods).then(() => responsesIn(asking.received, methods));
  }
}

function responsesIn(received: string, methods: readonly string[]): readonly StrictMessage[] {
  const { messages, rest, fault } = readResponses(received, methods, true);
  if (messages.length !== methods.length || rest !== '' || fault !== undefined) {
    throw new Error(`${messages.length} of ${methods.length} responses are whole: ${fault ?? 'the end is missing'}`);
  }
  return messages;
}

/** How many of these responses have each status, and which Retry-After. */
export function countedAnswers(responses: readonly StrictMessage[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { startLine, fields } of responses) {
    const retryAfter = new Map(fields).get('retry-after');
    const kind = startLine.slice(9, 12) + (retryAfter === undefined ? '' : `, again in ${retryAfter} s`);
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}
