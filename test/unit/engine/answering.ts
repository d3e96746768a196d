import { Answer } from '../../../src/engine/answer.ts';
import { systemClock } from '../../../src/engine/clock.ts';
import { onlyRoute } from '../../../src/engine/route.ts';
import { noLog } from '../../../src/observe/access-log.ts';
import { ScriptedOrigin } from '../../../src/play/scripted-origin.ts';
import { presets } from '../../../src/policy/config.ts';
import { exchangeWith, type RecordingSink } from './recording-sink.ts';

/** The answer to a client, of which nothing has been sent. */
export function answerTo(sink: RecordingSink): Answer {
  const exchange = exchangeWith(sink);
  const route = onlyRoute({
    origin: new ScriptedOrigin(() => undefined),
    policy: presets.safe,
    forwarding: { originAuthority: 'origin.test', preserveHost: false, viaName: 'etagere' },
  }).of(exchange.request);
  const parts = {
    clock: systemClock,
    events: noLog,
    cacheName: 'etagere',
    cacheStatusMode: 'full' as const,
    viaName: 'etagere',
    stallMs: 60_000,
    route,
  };
  return new Answer(exchange, 1, parts, () => undefined);
}
