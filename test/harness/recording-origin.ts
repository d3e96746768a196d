import { type RawConnection, rawOrigin } from './raw-origin.ts';
import { readRequests, type StrictMessage } from './strict-messages.ts';

/** A request as the origin got it. */
export interface SeenRequest extends StrictMessage {
  readonly method: string;
  readonly target: string;
  /** Counted from 0, of all connections. */
  readonly index: number;
  /** Values of a field, its lines in their order. */
  readonly values: (name: string) => readonly string[];
  readonly connection: RawConnection;
}

/** Bytes (latin1) to be sent at once; undefined: nothing, or what the answerer sends itself, to the connection of the request. */
export type Answerer = (request: SeenRequest) => string | undefined | Promise<string | undefined>;

/** An origin that writes down every byte, and every request that these are by the strictest reading. */
export interface RecordingOrigin {
  readonly url: string;
  readonly port: number;
  /** In the order in which they were whole. */
  readonly seen: readonly SeenRequest[];
  readonly connections: readonly RawConnection[];
  /** Resolves with that connection, once it has been accepted. */
  readonly connection: (index: number) => Promise<RawConnection>;
  /** What came that is no request, and why, by connection; to be empty in every test that does not want it. */
  readonly faults: () => readonly string[];
  /** Resolves when so many requests have come. */
  readonly requests: (count: number) => Promise<void>;
  answer: Answerer;
  readonly close: () => Promise<void>;
}

/** Begins one on a free port of the loopback address. */
export async function recordingOrigin(answer: Answerer): Promise<RecordingOrigin> {
  const seen: SeenRequest[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const readTo = new Map<RawConnection, number>();
  const faults = new Map<RawConnection, string>();
  const read = (connection: RawConnection): void => {
    const from = readTo.get(connection) ?? 0;
    const { messages, fault } = readRequests(connection.received.slice(from));
    readTo.set(
      connection,
      messages.reduce((at, { raw }) => at + raw.length, from),
    );
    if (fault !== undefined) faults.set(connection, `connection ${connection.index}: ${fault}`);
    for (const message of messages) take(connection, message);
  };
  const take = (connection: RawConnection, message: StrictMessage): void => {
    const [method = '', target = ''] = message.startLine.split(' ');
    const values = (name: string): readonly string[] =>
      message.fields.filter(([each]) => each === name).map(([, value]) => value);
    const request = { ...message, method, target, values, index: seen.length, connection };
    seen.push(request);
    for (const { count, resolve } of waiting) if (seen.length >= count) resolve();
    void Promise.resolve(origin.answer(request)).then((bytes) => {
      if (bytes !== undefined) connection.send(bytes);
    });
  };
  const raw = await rawOrigin({ received: read });
  const origin: RecordingOrigin = {
    url: raw.url,
    port: raw.port,
    connections: raw.connections,
    connection: (index) => raw.connection(index),
    seen,
    answer,
    faults: () => [...faults.values()],
    requests: async (count) => {
      if (seen.length >= count) return;
      await new Promise<void>((resolve) => {
        waiting.push({ count, resolve });
      });
    },
    close: () => raw.close(),
  };
  return origin;
}

/** The bytes of a response with that content and its length. */
export function responseWith(content: string, lines: readonly string[] = [], status = '200 OK'): string {
  return [`HTTP/1.1 ${status}`, ...lines, `Content-Length: ${content.length}`, '', content].join('\r\n');
}
