import { setImmediate as turn } from 'node:timers/promises';
import { createEtagere, type Etagere } from '../../src/index.ts';
import { RawClient } from '../harness/raw-client.ts';
import { recordingOrigin, type RecordingOrigin, responseWith, type SeenRequest } from '../harness/recording-origin.ts';
import { readResponses, type StrictMessage } from '../harness/strict-messages.ts';
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
  const read = (): StrictMessage | undefined => finalOf(readResponses(client.received, ['GET']).messages);
  await client.until(() => read() !== undefined).catch(() => undefined);
  client.socket.destroy();
  return { final: read(), bytes: client.received };
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
 * The response in what an origin sent, by the strictest reading; undefined where it is not whole. A response that ends with its connection may have been longer: after a reset it is none. As many
 * servers do, it may leave out the space before a reason that is none (RFC 9112 §4).
 */
function sentBy(bytes: string, ending: Ending): StrictMessage | undefined {
  const spaced = bytes.replace(/^((?:HTTP\/1\.[01] 1\d\d[^]*?\r\n\r\n)*HTTP\/1\.[01] [1-5]\d\d)(?=\r\n)/, '$1 ');
  return finalOf(readResponses(spaced, ['GET'], ending === 'fin', 'extended').messages);
}

const free: Stage[] = [];
let counted = 0;

async function execute(stage: Stage, random: Random): Promise<void> {
  const text = mutated(random.pick(others), random, { words: messageWords, others });
  const wanted: Ending = random.pick(['fin', 'fin', 'reset', 'open'] as const);
  // What is not whole would be waited for.
  const ending = wanted === 'open' && sentBy(text, 'open') === undefined ? 'fin' : wanted;
  const target = `/${counted++}`;
  const script: Script = { pieces: random.cut(text), ending, isOver: false };
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
