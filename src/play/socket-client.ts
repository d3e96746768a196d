import { type ClientRequest as NodeRequest, type IncomingMessage, request as openRequest } from 'node:http';
import { fieldsFrom } from '../http/fields.ts';
import { ClientRecord } from './client-record.ts';
import type { Place } from './place.ts';
import type { ClientExchange, ClientRequest } from './transport.ts';

/** Methods for which a request without content says nothing about its length (RFC 9110 §8.6). */
const usuallyWithoutContent: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS']);

/** Between a fixture and the wire. `moved` is called whenever something has arrived. */
export interface Way {
  readonly place: Place;
  readonly moved: () => void;
}

/**
 * Sends a request on a connection of its own, and takes down what comes: interim responses, every field line, and whether the end
 * was a good one.
 */
export function sendOverSocket(cache: URL, request: ClientRequest, way: Way): ClientExchange {
  const lines = [...way.place.outwardRequest(request.fields)];
  if (request.content === null && !usuallyWithoutContent.has(request.method)) lines.push('content-length', '0');
  const outgoing = openRequest({
    host: cache.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: cache.port,
    method: request.method,
    path: way.place.outward(request.target),
    headers: lines,
    setHost: false,
    agent: false,
  });
  const record = new ClientRecord(() => outgoing.destroy());
  listen(outgoing, record, way);
  outgoing.end(request.content ?? undefined);
  return record;
}

function listen(outgoing: NodeRequest, record: ClientRecord, { place, moved }: Way): void {
  const ended = (end: 'complete' | 'aborted'): void => {
    if (record.end === 'open') record.end = end;
    outgoing.destroy();
    moved();
  };
  outgoing.on('information', ({ statusCode, rawHeaders }) => {
    record.interims.push({ status: statusCode, fields: fieldsFrom(rawHeaders) });
    moved();
  });
  outgoing.on('response', (response: IncomingMessage) => {
    record.head = place.inwardHead({ status: response.statusCode ?? 0, fields: fieldsFrom(response.rawHeaders) });
    moved();
    response.on('data', (chunk: Buffer) => {
      record.receive(chunk);
      moved();
    });
    response.on('end', () => ended(response.complete ? 'complete' : 'aborted'));
    response.on('error', () => ended('aborted'));
  });
  outgoing.on('error', (error) => {
    record.error ??= 'code' in error ? String(error.code) : error.message;
    ended('aborted');
  });
  outgoing.on('close', () => ended('aborted'));
}
