import { expect, test } from 'vitest';
import { describedContent } from '../harness/described-content.ts';
import { onShelves, overBothLanes, proxyStage, type ProxyStage, shelves } from '../harness/proxy-stage.ts';
import type { SeenRequest } from '../harness/recording-origin.ts';
import { readResponses } from '../harness/strict-messages.ts';

const content = describedContent({ url: '/cut', variant: '', user: '', generation: 1 }, 200);
const lines = ['HTTP/1.1 200 OK', 'Cache-Control: max-age=600', 'ETag: "v1"'];
const sized = [...lines, `Content-Length: ${content.length}`, '', content].join('\r\n');

/** Chunks of 1, 2, 3, … bytes: so every part of their framing is cut. */
function chunksOf(text: string): string {
  let framed = '';
  for (let at = 0, size = 1; at < text.length; at += size++) {
    const data = text.slice(at, at + size);
    framed += `${data.length.toString(16)};x=y\r\n${data}\r\n`;
  }
  return `${framed}0\r\n\r\n`;
}

const chunked = [...lines, 'Transfer-Encoding: chunked', '', chunksOf(content)].join('\r\n');

/** Of the content, what is within so many bytes of the response. */
function contentWithin(bytes: string): string {
  const [, body = ''] = /\r\n\r\n([^]*)$/.exec(bytes) ?? [];
  if (!bytes.includes('chunked')) return body;
  let found = '';
  for (let rest = body; ; ) {
    const [line, size = ''] = /^([0-9a-f]+);x=y\r\n/.exec(rest) ?? [];
    if (line === undefined) return found;
    const length = Number.parseInt(size, 16);
    found += rest.slice(line.length, line.length + length);
    rest = rest.slice(line.length + length + '\r\n'.length);
  }
}

/** What a client has of a response without an end: its content, or the whole of an error. */
function receivedOf(received: string): { readonly status: number; readonly content: string; readonly whole: boolean } {
  const { messages, rest, fault } = readResponses(received, ['GET']);
  const [whole] = messages;
  const text = whole?.raw ?? rest;
  const status = Number(text.slice(9, 12));
  if (whole !== undefined) return { status, content: whole.content, whole: true };
  const head = text.slice(0, text.indexOf('\r\n\r\n') + 4);
  const body = text.slice(head.length);
  const isChunked = /\r\ntransfer-encoding: chunked\r\n/i.test(head);
  expect(fault).toBeUndefined();
  return { status, content: isChunked ? unframed(body) : body, whole: false };
}

function unframed(body: string): string {
  let found = '';
  for (let rest = body; rest !== ''; ) {
    const [line = rest, size = '0'] = /^([0-9a-f]+)\r\n/i.exec(rest) ?? [];
    const length = Number.parseInt(size, 16);
    found += rest.slice(line.length, line.length + length);
    rest = rest.slice(line.length + length + '\r\n'.length);
  }
  return found;
}

/** Sends as many bytes as the target says, and ends the connection; whole, the second time that it is asked for. */
function cut(request: SeenRequest, response: string, asked: Map<string, number>): string | undefined {
  const times = (asked.get(request.target) ?? 0) + 1;
  asked.set(request.target, times);
  if (times > 1) return response;
  const offset = Number(request.target.slice(1));
  request.connection.socket.end(response.slice(0, offset), 'latin1');
  return undefined;
}

/** What is not as it must be where the response is cut there; empty where all is. */
async function wrongAt(offset: number, response: string, { ask }: ProxyStage): Promise<readonly string[]> {
  const first = receivedOf(await ask(`/${offset}`));
  const again = receivedOf(await ask(`/${offset}`));
  const sent = response.slice(0, offset);
  const isRight = sent.includes('\r\n\r\n')
    ? !first.whole && first.status === 200 && first.content === contentWithin(sent)
    : first.whole && first.status === 502;
  const isRightAgain = again.whole && again.content === content;
  return [
    ...(isRight ? [] : [`${offset}: ${JSON.stringify(first)}`]),
    ...(isRightAgain ? [] : [`${offset}, again: ${JSON.stringify(again)}`]),
  ];
}

overBothLanes(() => {
  onShelves(shelves, (shelf) => {
    // What the listener and the origin make of each is the same whatever the shelf.
    const step = shelf === 'memory' ? 1 : 7;
    test.each([
      ['a length', sized],
      ['chunks', chunked],
    ])('a response with %s that ends at any of its bytes is never whole and never stored', async (_, response) => {
      const asked = new Map<string, number>();
      // All wait at once, however long that takes here.
      const limits = { originQueueTimeoutMs: 120_000 };
      const stage = await proxyStage((request) => cut(request, response, asked), { limits });
      const offsets = Array.from({ length: Math.ceil(response.length / step) }, (_each, index) => index * step);
      const wrong = await Promise.all(offsets.map((offset) => wrongAt(offset, response, stage)));
      expect(wrong.flat()).toEqual([]);
      expect(offsets.filter((offset) => asked.get(`/${offset}`) !== 2)).toEqual([]);
      expect(stage.origin.faults()).toEqual([]);
    });
  });
});
