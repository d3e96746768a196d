import type { Exchange } from '../../../src/engine/exchange.ts';
import { fieldsOf, noFields } from '../../../src/http/fields.ts';
import type { Origin } from '../../../src/origin/origin.ts';
import type { Assemble } from '../../../src/play/in-process.ts';

/** A proxy that stores nothing: enough to see what the interpreter does with an honest answer. */
export const relay: Assemble = ({ origin }) => ({ handle: (exchange) => forward(exchange, origin) });

/** A cache that never asks anybody. */
export const parrot: Assemble = () => ({
  handle({ sink }) {
    sink.head({ status: 200, fields: fieldsOf(['cache-status', 'etagere; hit; ttl=5']) });
    sink.write(Buffer.from('always the same'));
    sink.end();
  },
});

/** A cache that answers nobody. */
export const mute: Assemble = () => ({ handle() {} });

function forward({ request, content, sink }: Exchange, origin: Origin): void {
  const { method, target, fields } = request;
  let headSent = false;
  const call = origin.request(
    { method, target, fields, content },
    {
      onInterim: (head) => sink.interim(head),
      onHead(head) {
        headSent = true;
        sink.head(head);
      },
      onData: (chunk) => void sink.write(Buffer.from(chunk)),
      onEnd: () => sink.end(),
      onError(error) {
        if (headSent) {
          sink.abort();
          return;
        }
        sink.head({ status: error.row.status, fields: noFields });
        sink.end();
      },
    },
  );
  sink.listen({ onDrain() {}, onClose: () => call.abort() });
}
