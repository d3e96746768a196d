import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../../src/http/fields.ts';
import type { OriginHandler } from '../../../src/origin/origin.ts';
import { ManualClock } from '../../../src/play/manual-clock.ts';
import { ScriptedOrigin } from '../../../src/play/scripted-origin.ts';
import { type OriginVisit, probeLimits, RecordingOrigin } from '../../../src/probe/recording-origin.ts';

const start = Date.UTC(2026, 0, 15, 12);

function stage() {
  const clock = new ManualClock(start);
  const scripted = new ScriptedOrigin(() => undefined);
  const visits: OriginVisit[] = [];
  const told: string[] = [];
  const handler: OriginHandler = {
    onInterim: () => void told.push('interim'),
    onHead: () => void told.push('head'),
    onData: () => void told.push('data'),
    onEnd: () => void told.push('end'),
    onError: (error) => void told.push(error.message),
  };
  const origin = new RecordingOrigin(scripted, visits, clock);
  const call = origin.request({ method: 'GET', target: '/a', fields: fieldsOf(), content: null }, handler);
  const [arrival] = scripted.arrivals;
  if (arrival === undefined) throw new Error('the origin was not asked');
  const pass = (ms: number): Promise<void> => clock.advance(ms, () => Promise.resolve());
  return { arrival, call, pass, told, visits };
}

describe('a recorded answer', () => {
  it('has the time at which its head came, however long its content takes', async () => {
    const { arrival, pass, told, visits } = stage();
    await pass(200);
    arrival.head({ status: 200, fields: fieldsOf() });
    await pass(1_500);
    arrival.write(Buffer.from('ab'));
    arrival.end();
    expect(told).toEqual(['head', 'data', 'data', 'end']);
    expect(visits).toMatchObject([{ requestTime: start, contentBytes: 2, endless: undefined }]);
    expect(visits[0]?.heard?.at.steady()).toBe(start + 200);
    expect(visits[0]?.heard?.at.wall()).toBe(start + 200);
    expect(visits[0]?.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is broken off where it has no end in time', async () => {
    const { arrival, pass, told, visits } = stage();
    arrival.head({ status: 200, fields: fieldsOf() });
    await pass(probeLimits.answerMs - 1);
    expect(arrival.withdrawn).toBe(false);
    await pass(1);
    expect(arrival.withdrawn).toBe(true);
    expect(told).toEqual(['head', 'ORIGIN_RESPONSE_INCOMPLETE: no end within 60 s']);
    expect(visits).toMatchObject([{ endless: '60 s', digest: undefined }]);
  });

  it('is not broken off after its end, nor after whoever asked has done so', async () => {
    const ended = stage();
    ended.arrival.head({ status: 204, fields: fieldsOf() });
    ended.arrival.end();
    const aborted = stage();
    aborted.call.abort();
    await ended.pass(probeLimits.answerMs);
    await aborted.pass(probeLimits.answerMs);
    expect(ended.told).toEqual(['head', 'end']);
    expect(aborted.told).toEqual([]);
    expect(ended.visits[0]?.endless).toBeUndefined();
  });
});
