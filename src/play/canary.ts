import { fieldsOf } from '../http/fields.ts';
import { hasContent } from '../http/message.ts';
import type { OriginExchange } from './transport.ts';

const status = 500;

/** Answers a request that no step took: with content that would betray it, and nothing that a cache could keep. */
export function answerWithCanary(exchange: OriginExchange): void {
  exchange.head({ status, fields: fieldsOf(['cache-control', 'no-store']) });
  if (hasContent(exchange.method, status)) exchange.write(Buffer.from('canary: the origin was asked'));
  exchange.end();
}
