import type { Endpoint, Parameter } from './endpoint.ts';
import { refTo } from './schema.ts';
import { schemas } from './vocabulary.ts';

/** Of the API, not of the program: the first number changes when a client of today might break. */
const apiVersion = '1.0.0';

const problem = {
  description: 'What was wrong, as a problem document (RFC 9457).',
  content: { 'application/problem+json': { schema: refTo('Problem') } },
};

/** The OpenAPI 3.1 description of the endpoints. */
export function openApi(endpoints: readonly Endpoint[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const endpoint of endpoints) {
    paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.method.toLowerCase()]: operation(endpoint) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Etagere admin API',
      version: apiVersion,
      description:
        'Purge, explain, watch and configure a running Etagere. Where a token is set, everything but the probes needs it.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, {}],
    paths,
    components: {
      schemas,
      responses: { Problem: problem },
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'Needed where ETAGERE_ADMIN_TOKEN or --admin-token-file is set.',
        },
      },
    },
  };
}

function operation({ name, summary, description, access, parameters = [], body, answer }: Endpoint): object {
  return {
    operationId: name,
    summary,
    ...(description === undefined ? {} : { description }),
    ...(access === 'open' ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters: parameters.map(parameter) }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: refTo(body) } } } }),
    responses: {
      200: { description: answer.description, content: { [answer.contentType]: { schema: answer.schema } } },
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

function parameter({ name, description, required, schema }: Parameter): object {
  return { name, in: 'query', description, required: required ?? false, schema };
}
