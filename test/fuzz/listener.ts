import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { createEtagere, type Etagere } from '../../src/index.ts';
import { RawClient } from '../harness/raw-client.ts';
import { recordingOrigin, type RecordingOrigin, responseWith, type SeenRequest } from '../harness/recording-origin.ts';
import { readRequests, readResponses, type StrictMessage } from '../harness/strict-messages.ts';
import { messageWords, requests } from './corpus.ts';
import { mutated } from './mutation.ts';
import type { Random } from './random.ts';
import { type FuzzTarget, hold } from './target.ts';

/** Executions after which an Etagere and its origin make room for new ones: both remember what they saw. */
const executionsOfStage = 400;

const others = requests();

/** An Etagere on one lane before an origin that says what it was asked. */
interface Stage {
  readonly etagere: Etagere;
  readonly origin: RecordingOrigin;
  readonly port: number;
  executions: number;
}

/** What a request asks for, as the origin and a strict reader of the client's bytes both can tell. */
function asked(method: string, target: string, content: string): string {
  return `${method} ${target} ${createHash('sha1').update(content, 'latin1').digest('hex')}`;
}

function answer({ method, target, content }: SeenRequest): string {
  const said = method === 'HEAD' ? '' : asked(method, target, content);
  const lifetime = target.length % 2 === 0 ? 'max-age=600' : 'no-store';
  return responseWith(said, [`Cache-Control: ${lifetime}`, 'ETag: "v"']);
}

async function begun(fastLane: boolean): Promise<Stage> {
  const origin = await recordingOrigin(answer);
  const limits = { clientHeadTimeoutMs: 2_000, clientKeepAliveMs: 2_000, clientContentIdleMs: 2_000 };
  const etagere = createEtagere({ origin: origin.url, listen: 0, fastLane, limits });
  const port = Number(new URL(await etagere.listen()).port);
  return { etagere, origin, port, executions: 0 };
}

async function end({ etagere, origin }: Stage): Promise<void> {
  await etagere.close();
  await origin.close();
}

/** A request as the strictest reader understands it; undefined for those that go nowhere. */
interface Understood {
  readonly message: StrictMessage;
  readonly method: string;
  readonly target: string;
}

/**
 * The requests in what a client sends, up to the first that can be read in two ways; but for what node:http forgives and says in its own words to the origin: empty lines before a request (RFC 9112
 * §2.2), and several spaces in its line (RFC 9112 §3).
 */
function understood(bytes: string): readonly Understood[] {
  const all: Understood[] = [];
  for (let rest = bytes; ; ) {
    rest = rest.replace(/^[\r\n]+/, '').replace(/^([A-Z]+) +([^\s]+) +(?=HTTP\/1\.[01]\r\n)/, '$1 $2 ');
    const [message] = readRequests(rest, 'extended').messages;
    if (message === undefined) return all;
    const [method = '', form = ''] = message.startLine.split(' ');
    const target = form.replace(/^https?:\/\/[^/?#]*/i, '').replace(/^(?!\/|\*)/, '/');
    all.push({ message, method, target });
    rest = rest.slice(message.raw.length);
  }
}

interface Outcome {
  readonly bytesSent: number;
  readonly received: string;
  /** What the origin got of it. */
  readonly seen: readonly SeenRequest[];
  readonly faults: readonly string[];
}

function isFinal({ startLine }: StrictMessage): boolean {
  return !/^HTTP\/1\.. 1/.test(startLine);
}

async function exchanged(stage: Stage, pieces: readonly string[], sent: readonly Understood[]): Promise<Outcome> {
  const from = stage.origin.seen.length;
  const faultsBefore = stage.origin.faults().length;
  const client = new RawClient(stage.port);
  client.socket.setNoDelay(true);
  for (const piece of pieces) {
    client.send(piece);
    await turn();
  }
  // Who ends before the answers came gives up on them.
  const methods = sent.map(({ method }) => method);
  const isAnswered = (received: string): boolean =>
    readResponses(received, methods).messages.filter(isFinal).length >= methods.length;
  await client.until(isAnswered).catch(() => undefined);
  client.socket.end();
  await client.closed;
  stage.executions++;
  const faults = stage.origin.faults().slice(faultsBefore);
  return { bytesSent: pieces.join('').length, received: client.received, seen: stage.origin.seen.slice(from), faults };
}

/** One accepted request is at most one at the origin: with the same method, target and content, and none else is there. */
function holdOrigin({ seen, faults }: Outcome, sent: readonly Understood[], input: unknown): void {
  hold('the origin gets nothing but requests', faults.length === 0, { input, faults });
  const left = sent.map(({ method, target, message }) => asked(method, target, message.content));
  for (const { method, target, content } of seen) {
    const at = left.indexOf(asked(method, target, content));
    hold('each request at the origin was sent by the client', at >= 0, {
      input,
      got: `${method} ${target}`,
      sent: left,
    });
    left.splice(at, 1);
  }
}

/** Each response is to its own request. */
function holdClient({ received, bytesSent }: Outcome, sent: readonly Understood[], input: unknown): void {
  const methods = [...sent.map(({ method }) => method), 'GET'];
  const { messages, fault } = readResponses(received, methods, true);
  hold('the client gets nothing but responses', fault === undefined, { input, fault, received });
  const final = messages.filter(isFinal);
  const length = sent.reduce((bytes, { message }) => bytes + message.raw.length, 0);
  hold('where all is well, somebody is answered', sent.length === 0 || length < bytesSent || final.length > 0, {
    input,
    received,
  });
  for (const [index, { startLine, content }] of final.entries()) {
    const status = Number(startLine.slice(9, 12));
    const request = sent[index];
    hold('what is no request gets no success', request !== undefined || status >= 400, { input, received });
    if (request === undefined || status !== 200 || content === '') continue;
    const { method, target, message } = request;
    hold('a response is to its request', content === asked(method, target, message.content), { input, received });
  }
}

const places = 4;
const free: (readonly [Stage, Stage])[] = [];

async function renewed(stage: Stage, fastLane: boolean): Promise<Stage> {
  if (stage.executions < executionsOfStage) return stage;
  await end(stage);
  return begun(fastLane);
}

/** Whatever bytes a client sends, cut anywhere, on both lanes: what the origin gets is what the strictest reader reads in them, and what the client gets are the answers to that. */
export const listener: FuzzTarget = {
  name: 'listener',
  atOnce: places,
  begin: async () => {
    for (let count = 0; count < places; count++) free.push([await begun(true), await begun(false)]);
  },
  run: async (random: Random) => {
    const text = mutated(random.pick(others), random, { words: messageWords, others });
    const pieces = random.cut(text);
    const sent = understood(text);
    const [fast, plain] = free.pop() ?? [await begun(true), await begun(false)];
    try {
      for (const stage of [fast, plain]) {
        const outcome = await exchanged(stage, pieces, sent);
        const input = { pieces, lane: stage === fast };
        holdOrigin(outcome, sent, input);
        holdClient(outcome, sent, input);
      }
    } finally {
      free.push([await renewed(fast, true), await renewed(plain, false)]);
    }
  },
  end: async () => {
    for (const stage of free.splice(0).flat()) await end(stage);
  },
};
