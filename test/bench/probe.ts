import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Name and value, as they are sent. */
export type HeadFields = readonly (readonly [name: string, value: string])[];

/** One answer, byte by byte. */
export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly fields: ReadonlyMap<string, string>;
  readonly bodyBytes: number;
  /** Head and content. */
  readonly totalBytes: number;
}

/** Asks once, with the very head that is measured. Rejects when the answer does not say how long it is, or does not come. */
export async function probe(url: string, fields: HeadFields): Promise<Answer> {
  const { hostname, port, pathname, search, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setTimeout(10_000, () => socket.destroy(new Error(`no answer from ${url}`)));
  try {
    await once(socket, 'connect');
    const lines = [`GET ${pathname}${search} HTTP/1.1`, `Host: ${host}`, ...fields.map(([n, v]) => `${n}: ${v}`)];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    return await answerFrom(socket);
  } finally {
    socket.destroy();
  }
}

async function answerFrom(socket: Socket): Promise<Answer> {
  const pieces: Buffer[] = [];
  let totalBytes = 0;
  let head: Head | undefined;
  for await (const piece of socket as AsyncIterable<Buffer>) {
    totalBytes += piece.length;
    if (head === undefined) {
      pieces.push(piece);
      head = headIn(Buffer.concat(pieces).toString('latin1'));
    }
    if (head !== undefined && totalBytes >= head.bytes + head.bodyBytes) break;
  }
  if (head === undefined || totalBytes !== head.bytes + head.bodyBytes) {
    throw new Error(`${totalBytes} bytes are no whole answer`);
  }
  return { status: head.status, fields: head.fields, bodyBytes: head.bodyBytes, totalBytes };
}

interface Head extends Pick<Answer, 'status' | 'fields' | 'bodyBytes'> {
  readonly bytes: number;
}

function headIn(text: string): Head | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const fields = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const status = Number(statusLine.split(' ')[1]);
  const length = status === 304 ? 0 : Number(fields.get('content-length'));
  if (Number.isNaN(length)) throw new Error(`an answer without Content-Length: ${text.slice(0, end)}`);
  return { status, fields, bodyBytes: length, bytes: end + 4 };
}
