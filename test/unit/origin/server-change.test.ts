import { describe, expect, it } from 'vitest';
import { type ServerChange, serverChangeText } from '../../../src/origin/server-change.ts';

function told(cause: ServerChange['cause'], isAnyUp = true): string {
  return serverChangeText('api', { url: 'http://10.0.0.6:4000', cause, isAnyUp });
}

const failures = { kind: 'failures', failures: 5, withinMs: 10_000, forMs: 30_000 } as const;

describe('the line about a server', () => {
  it.each([
    [told({ kind: 'bad-checks', inARow: 3 }), 'gets no requests: 3 bad health checks'],
    [told({ kind: 'bad-checks', inARow: 1 }), 'gets no requests: 1 bad health check'],
    [told(failures), 'gets no requests for 30 s: 5 failed requests within 10 s'],
    [told({ kind: 'good-checks', inARow: 2 }), 'gets requests again: 2 good health checks'],
    [told({ kind: 'time-over' }), 'gets requests again'],
  ])('says what has changed, and why: %s', (line, expected) => {
    expect(line).toBe(`origin api: http://10.0.0.6:4000 ${expected}`);
  });

  it.each([
    [told({ kind: 'bad-checks', inARow: 3 }, false), '', '3 bad health checks'],
    [told(failures, false), ' for 30 s', '5 failed requests within 10 s'],
  ])('does not say that it gets no requests where no other server does: %s', (line, time, why) => {
    expect(line).toBe(
      `origin api: http://10.0.0.6:4000 is down${time}, and asked only as no other server is up: ${why}`,
    );
  });
});
