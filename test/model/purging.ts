import type { Selection } from '../../src/engine/operations.ts';
import { assertNever } from '../../src/http/message.ts';
import type { Order } from './journal.ts';
import { prefix, type Step, type Target, urlOf } from './sequence.ts';

export type By = Extract<Step, { kind: 'purge' }>['by'];

/** As an operator says it. */
export function selectionOf(by: By, target: Target): Selection {
  switch (by) {
    case 'url':
      return { kind: 'url', url: urlOf(target) };
    case 'prefix':
      return { kind: 'prefix', prefix };
    case 'host':
      return { kind: 'host', host: target.authority };
    case 'tag':
      return { kind: 'tag', tag: 'red' };
    case 'all':
      return { kind: 'all' };
    default:
      return assertNever(by);
  }
}

/** As the model understands it. */
export function aboutOf(by: By, url: string): Order['isAbout'] {
  switch (by) {
    case 'url':
      return (each) => each === url;
    case 'prefix':
      return (each) => each.startsWith(prefix);
    case 'host':
      return (each) => new URL(each).host === new URL(url).host;
    case 'tag':
      return (_, fields) => fields.get('surrogate-key') === 'red';
    case 'all':
      return () => true;
    default:
      return assertNever(by);
  }
}
