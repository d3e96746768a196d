import type { ProxyStage } from './proxy-stage.ts';
import { readResponses } from './strict-messages.ts';

/** What became of bytes that were to be refused. */
export interface Refusal {
  readonly status: number;
  /** Responses on the connection until it was closed, and what is there beyond them, or wrong with them. */
  readonly responses: number;
  readonly rest: string;
  readonly fault: string | undefined;
  /** The field Connection of the response. */
  readonly connection: string | undefined;
  /** What of it was seen there. */
  readonly requestsAtOrigin: number;
  readonly connectionsAtOrigin: number;
}

/** A refusal after which nobody has anything to read in two ways: one response, the connection closed, nothing of it at the origin. */
export const cleanRefusal = {
  responses: 1,
  rest: '',
  fault: undefined,
  connection: 'close',
  requestsAtOrigin: 0,
  connectionsAtOrigin: 0,
} as const satisfies Partial<Refusal>;

/** A request that hides behind another: it must never be answered. */
const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: shop.test\r\n\r\n';

/** Sends bytes, with a request right behind them, on a connection of their own; resolves when it is closed. */
export async function refusal({ origin, exchange }: ProxyStage, bytes: string): Promise<Refusal> {
  const [requests, connections] = [origin.seen.length, origin.connections.length];
  const received = await exchange(bytes + smuggled);
  const { messages, rest, fault } = readResponses(received, ['GET'], true);
  const [response] = messages;
  return {
    status: Number(response?.startLine.slice(9, 12)),
    responses: messages.length,
    rest,
    fault,
    connection: new Map(response?.fields).get('connection'),
    requestsAtOrigin: origin.seen.length - requests,
    connectionsAtOrigin: origin.connections.length - connections,
  };
}
