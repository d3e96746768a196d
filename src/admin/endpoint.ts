import type { Peer } from '../engine/exchange.ts';
import type { Order } from '../engine/orders.ts';
import type { TailRecord } from '../observe/statistics.ts';
import type { Access } from './access.ts';
import type { AdminParts } from './parts.ts';
import type { Schema } from './schema.ts';

/** Something of a query string. A list (`type: 'array'`) may be given several times. */
export interface Parameter {
  readonly name: string;
  readonly description: string;
  readonly required?: true;
  readonly schema: Schema;
}

/** An answer as it is documented. */
export interface AnswerDescription {
  readonly description: string;
  readonly contentType: string;
  /** Of each line, where the content is lines. */
  readonly schema: Schema;
}

/** What was asked for. `query` and `body` are what their schemas say. */
export interface Call {
  readonly parts: AdminParts;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly client: Peer;
}

/** Has records come until the result is called. A listener that wants no more for now returns a promise. */
export type RecordSource = (listener: (record: TailRecord) => void | Promise<void>) => () => void;

/** What to answer with status 200. */
export type Reply =
  | { readonly kind: 'json'; readonly value: object }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'lines'; readonly source: RecordSource };

/**
 * One thing that can be asked of the admin API. Routing, the checks of what was sent, and the OpenAPI document all come from the table of these.
 */
export interface Endpoint {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** In camel case, for programs that are made from the description. */
  readonly name: string;
  readonly summary: string;
  readonly description?: string;
  readonly access: Exclude<Access, 'page'>;
  readonly parameters?: readonly Parameter[];
  /** The name of the schema of its content. */
  readonly body?: string;
  /** Whether no content at all is taken for an object without members. */
  readonly bodyMayLack?: true;
  /** What it orders, where it does: is told also where whoever asks may not. */
  readonly orders?: Order['kind'];
  readonly answer: AnswerDescription;
  /** How many may be under way at once, where that is much work; one more is answered ADMIN_BUSY. */
  readonly atOnce?: number;
  /** @throws EtagereError for a problem to answer with */
  readonly run: (call: Call) => Promise<Reply> | Reply;
}
