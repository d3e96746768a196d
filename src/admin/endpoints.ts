import { browsing } from './browsing.ts';
import type { Endpoint } from './endpoint.ts';
import { openApi } from './openapi.ts';
import { purging } from './purging.ts';
import { running } from './running.ts';
import { watching } from './watching.ts';

const description: Endpoint = {
  method: 'GET',
  path: '/openapi.json',
  name: 'getDescription',
  summary: 'This description',
  access: 'guarded',
  answer: { description: 'An OpenAPI 3.1 document.', contentType: 'application/json', schema: { type: 'object' } },
  run: () => ({ kind: 'json', value: openApi(endpoints) }),
};

/** Everything that can be asked of the admin API, but for the page. */
export const endpoints: readonly Endpoint[] = [...running, description, ...watching, ...browsing, ...purging];
