import { defaultLimits } from '../../src/engine/limits.ts';
import { eachField } from '../../src/http/fields.ts';
import { PlainRequests } from '../../src/listener/plain-requests.ts';
import { readRequests } from '../harness/strict-messages.ts';
import { messageWords, requests } from './corpus.ts';
import { mutated } from './mutation.ts';
import type { Random } from './random.ts';
import { type FuzzTarget, hold, holdQuiet } from './target.ts';

const others = requests();
const reader = new PlainRequests(defaultLimits, false);

/** What the fast lane takes for a plain request is one to the strictest reader: the same method, target and length, and no field that is not there. */
export const plainRequests: FuzzTarget = {
  name: 'plain-requests',
  run: (random: Random) => {
    const text = mutated(random.pick(others), random, { words: messageWords, others });
    const plain = holdQuiet('the reader of plain requests', text, () => reader.read(text));
    if (plain === undefined) return;
    const [strict] = readRequests(text).messages;
    hold('a strict reader reads it, too', strict !== undefined, text);
    const { method, target, fields } = plain.head;
    hold('the request line is the same', strict.startLine === `${method} ${target} HTTP/1.1`, text);
    hold('it is as long', strict.raw.length === plain.length && strict.content === '', text);
    const lines = strict.fields.map(([name, value]) => `${name}: ${value}`);
    hold(
      'each of its fields was sent',
      [...eachField(fields)].every(([name, value]) => lines.includes(`${name}: ${value}`)),
      text,
    );
    hold('there is one Host', strict.fields.filter(([name]) => name === 'host').length === 1, text);
  },
};
