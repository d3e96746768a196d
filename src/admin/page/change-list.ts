import type { Change } from '../../explain/advice.ts';
import { element } from './dom.ts';

/** What to send or to set otherwise, and where, a line each. `route`: the one whose configuration is meant. */
export function changeList(changes: readonly Change[], route: string): HTMLElement {
  const places = {
    origin: 'At the origin',
    client: 'In the request',
    configuration: `In the configuration, route ${route}`,
  } as const;
  const items = changes.map(({ at, what, setting, before, after }) =>
    element(
      'li',
      {},
      `${places[at]}: `,
      element('b', {}, setting ?? what),
      ' ',
      ...(before === null ? [] : [element('del', {}, before), ' ']),
      after === null ? 'leave it out' : element('ins', {}, after),
    ),
  );
  return element('ul', { class: 'changes' }, ...items);
}
