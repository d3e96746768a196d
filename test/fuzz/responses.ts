import { setImmediate as turn } from 'node:timers/promises';
import { createEtagere, type Etagere } from '../../src/index.ts';
import { RawClient } from '../harness/raw-client.ts';
import { recordingOrigin, type RecordingOrigin, responseWith, type SeenRequest } from '../harness/recording-origin.ts';
import { readResponses, type StrictMessage, type StrictReading } from '../harness/strict-messages.ts';
import { corpus, messageWords } from './corpus.ts';
import { mutated } from './mutation.ts';
import type { Random } from './random.ts';
import { type FuzzTarget, hold } from './target.ts';

const executionsOfStage = 2_000;
const others = corpus('responses');

/** How the origin ends what it sends. */
type Ending = 'fin' | 'reset' | 'open';

/** What the origin answers to one target: the bytes, and once these were answered for, a response that is whole. */
interface Script {
  readonly pieces: readonly string[];
  readonly ending: Ending;
  isOver: boolean;
}

/** What the second response to a target says. */
function whole(target: string): string {
  return `the second response to ${target}`;
}

class Stage {
  readonly scripts = new Map<string, Script>();
  readonly etagere: Etagere;
  readonly origin: RecordingOrigin;
  port = 0;
  executions = 0;
  active = 0;

  constructor(origin: RecordingOrigin) {
    this.origin = origin;
    origin.answer = (request) => this.#answer(request);
    const limits = { originHeadTimeoutMs: 2_000, originBodyIdleTimeoutMs: 2_000 };
    this.etagere = createEtagere({ origin: origin.url, listen: 0, limits });
  }

  static async begin(): Promise<Stage> {
    const stage = new Stage(await recordingOrigin(() => undefined));
    stage.port = Number(new URL(await stage.etagere.listen()).port);
    return stage;
  }

  async end(): Promise<void> {
    await this.etagere.close();
    await this.origin.close();
  }

  async #answer({ target, connection }: SeenRequest): Promise<string | undefined> {
    const script = this.scripts.get(target);
    if (script === undefined) return undefined;
    if (script.isOver) return responseWith(whole(target), ['Cache-Control: no-store']);
    for (const piece of script.pieces) {
      connection.send(piece);
      await turn();
    }
    if (script.ending === 'fin') connection.socket.end();
    if (script.ending === 'reset') connection.socket.resetAndDestroy();
    return undefined;
  }
}

function finalOf(messages: readonly StrictMessage[]): StrictMessage | undefined {
  return messages.find(({ startLine }) => !/^HTTP\/1\.. 1/.test(startLine));
}

/** What a client got that asked for a target; undefined where it is not whole. */
async function received(stage: Stage, target: string): Promise<{ final: StrictMessage | undefined; bytes: string }> {
  const client = new RawClient(stage.port);
  client.socket.setNoDelay(true);
  client.send(`GET ${target} HTTP/1.1\r\nHost: a.test\r\n\r\n`);
  const read = (): StrictReading => readResponses(client.received, ['GET']);
  const isOver = ({ messages, fault }: StrictReading): boolean =>
    finalOf(messages) !== undefined || fault !== undefined;
  await client.until(() => isOver(read())).catch(() => undefined);
  client.socket.destroy();
  const { messages, fault } = read();
  // Of a length that is too great to be counted exactly no client gets the end.
  hold('what comes is a response', fault === undefined || fault.startsWith('the length'), {
    fault,
    bytes: client.received,
  });
  return { final: finalOf(messages), bytes: client.received };
}

function statusOf({ startLine }: StrictMessage): string {
  return startLine.slice(9, 12);
}

function valueOf({ fields }: StrictMessage, name: string): string {
  return fields
    .filter(([each]) => each === name)
    .map(([, value]) => value)
    .join(', ');
}

/** Whether it is one of our own, about the origin. */
function isRefusal(final: StrictMessage): boolean {
  return valueOf(final, 'proxy-status').includes('etagere; error=');
}

/**
 * Those bytes as the strictest reading wants them, where a client may read on (RFC 9112): a reason says nothing, may be none, and its space may be left out with it (§4); before a start line there may be
 * empty ones (§2.2). And as undici's parser does, which takes a second CR for the LF at the end of the status line, and of no other line.
 */
function normalised(bytes: string): string {
  const [start, version, status] = /^(?:\r\n)*(HTTP\/1\.[01]) ([1-5]\d\d)(?: [^\r\n]*)?\r[\r\n]/.exec(bytes) ?? [];
  if (start === undefined || version === undefined || status === undefined) return bytes;
  const rest = bytes.slice(start.length);
  const interim = status.startsWith('1') ? `\r\n${rest}`.indexOf('\r\n\r\n') : -1;
  const next = interim === -1 ? rest : rest.slice(0, interim + 2) + normalised(rest.slice(interim + 2));
  return `${version} ${status} \r\n${next}`;
}

/**
 * The response in what an origin sent, by the strictest reading; undefined where it is not whole. A response that ends with its connection may have been longer: after a reset it is none.
 */
function sentBy(bytes: string, ending: Ending): StrictMessage | undefined {
  return finalOf(readResponses(normalised(bytes), ['GET'], ending === 'fin', 'ignored').messages);
}

/**
 * Those pieces, but what comes after the end of the response comes with that end: a connection may be used again once its response is whole, and what only then comes is an answer to that request, as far
 * as anyone can tell (RFC 9112 §9.3).
 */
function withoutLateBytes(pieces: readonly string[]): readonly string[] {
  const ends = pieces.findIndex((_, index) => sentBy(pieces.slice(0, index + 1).join(''), 'open') !== undefined);
  return ends === -1 ? pieces : [...pieces.slice(0, ends), pieces.slice(ends).join('')];
}

const free: Stage[] = [];
let counted = 0;

async function execute(stage: Stage, random: Random): Promise<void> {
  const text = mutated(random.pick(others), random, { words: messageWords, others });
  const wanted: Ending = random.pick(['fin', 'fin', 'reset', 'open'] as const);
  // What is not whole would be waited for.
  const ending = wanted === 'open' && sentBy(text, 'open') === undefined ? 'fin' : wanted;
  const target = `/${counted++}`;
  const script: Script = { pieces: withoutLateBytes(random.cut(text)), ending, isOver: false };
  stage.scripts.set(target, script);
  const sent = sentBy(text, ending);
  const first = await received(stage, target);
  script.isOver = true;
  const second = await received(stage, target);
  stage.scripts.delete(target);
  const input = { pieces: script.pieces, ending, first: first.bytes, second: second.bytes };
  if (first.final !== undefined && !isRefusal(first.final)) {
    hold('only what is whole ends as if it were', sent !== undefined, input);
    hold('it is what the origin said', statusOf(first.final) === statusOf(sent), input);
    hold('its content is that of the origin', first.final.content === sent.content, input);
  }
  hold('the next request is answered', second.final !== undefined, input);
  if (second.final.content === whole(target)) return;
  const isStored = valueOf(second.final, 'cache-status').includes('; hit');
  hold('what is answered is either asked for or stored', isStored, input);
  hold('only what was whole is stored', sent !== undefined && second.final.content === sent.content, input);
}

/**
 * Whatever an origin sends, cut anywhere, and however it ends: what is not whole by the strictest reading never ends cleanly at the client, nor is it stored, and what comes after a response is no part
 * of the next.
 */
export const responses: FuzzTarget = {
  name: 'responses',
  atOnce: 8,
  begin: async () => {
    counted = 0;
    free.push(await Stage.begin());
  },
  run: async (random) => {
    let [stage] = free;
    if (stage === undefined || stage.executions >= executionsOfStage) {
      stage = await Stage.begin();
      free.unshift(stage);
    }
    stage.executions++;
    stage.active++;
    try {
      await execute(stage, random);
    } finally {
      stage.active--;
      if (stage !== free[0] && stage.active === 0) {
        free.splice(free.indexOf(stage), 1);
        await stage.end();
      }
    }
  },
  end: async () => {
    for (const stage of free.splice(0)) await stage.end();
  },
};
