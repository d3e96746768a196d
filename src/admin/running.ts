import { EtagereError } from '../errors.ts';
import type { Endpoint } from './endpoint.ts';
import { ordered } from './ordered.ts';
import type { Readiness } from './parts.ts';
import { provided } from './provided.ts';
import { refTo } from './schema.ts';

/** What keeps requests from being welcome, or undefined. */
function obstacle({ draining, origins }: Readiness): string | undefined {
  if (draining) return 'Etagere is being shut down';
  return origins.every(({ down }) => down) ? 'every origin is known to be down' : undefined;
}

const healthz: Endpoint = {
  method: 'GET',
  path: '/healthz',
  name: 'getHealth',
  summary: 'Whether the process lives',
  access: 'open',
  answer: { description: 'It does.', contentType: 'application/json', schema: refTo('Life') },
  run: () => ({ kind: 'json', value: { alive: true } }),
};

const readyz: Endpoint = {
  method: 'GET',
  path: '/readyz',
  name: 'getReadiness',
  summary: 'Whether requests should be sent here',
  description:
    'They should, but while Etagere is being shut down, and while every origin is known to be down: then 503. Without the shelf beneath memory it is ready all the same, and says that it is degraded.',
  access: 'open',
  answer: { description: 'They should.', contentType: 'application/json', schema: refTo('Readiness') },
  run: ({ parts }) => {
    const readiness = parts.readiness();
    const why = obstacle(readiness);
    if (why !== undefined) throw new EtagereError('NOT_READY', why);
    return { kind: 'json', value: { ready: true, ...(readiness.storeUp === false ? { degraded: ['store'] } : {}) } };
  },
};

const config: Endpoint = {
  method: 'GET',
  path: '/v1/config',
  name: 'getConfiguration',
  summary: 'The configuration that is in force, with secrets taken out',
  access: 'guarded',
  answer: { description: 'Every setting.', contentType: 'application/json', schema: refTo('Configuration') },
  run: ({ parts }) => ({ kind: 'json', value: provided(parts.config, 'the configuration')() }),
};

const reload: Endpoint = {
  method: 'POST',
  path: '/v1/reload',
  name: 'reload',
  summary: 'Read the configuration file anew, and keep the cache',
  description: 'A file with mistakes is refused by 422, and the old configuration stays in force.',
  access: 'guarded',
  body: 'Reload',
  bodyMayLack: true,
  orders: 'reload',
  answer: { description: 'It is in force.', contentType: 'application/json', schema: refTo('Reloaded') },
  run: async (call) => {
    const read = provided(call.parts.reload, 'reloading');
    const { changed, warnings } = await ordered(call, { kind: 'reload' }, async () => {
      const outcome = await read();
      if (outcome.kind === 'refused') throw new EtagereError('CONFIGURATION_REFUSED', outcome.problem);
      return outcome;
    });
    return { kind: 'json', value: { reloaded: true, changed, warnings } };
  },
};

export const running: readonly Endpoint[] = [healthz, readyz, config, reload];
