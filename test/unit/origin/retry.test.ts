import { describe, expect, it } from 'vitest';
import { type FailedAttempt, mayRetry } from '../../../src/origin/retry.ts';

const deadKeptConnection: FailedAttempt = {
  method: 'GET',
  hasContent: false,
  attempts: 1,
  responseStarted: false,
  reusedConnection: true,
  cause: 'ORIGIN_BROKEN',
};

describe('mayRetry', () => {
  it.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])('sends %s again after a kept connection died', (method) => {
    expect(mayRetry({ ...deadKeptConnection, method })).toBe(true);
  });

  it.each(['POST', 'PATCH', 'MOVE', 'get'])('does not send %s again: it is not known to be idempotent', (method) => {
    expect(mayRetry({ ...deadKeptConnection, method })).toBe(false);
  });

  it.each<[string, Partial<FailedAttempt>]>([
    ['with content', { hasContent: true }],
    ['a second time', { attempts: 2 }],
    ['after a byte of the response', { responseStarted: true }],
    ['when a fresh connection died', { reusedConnection: false }],
    ['after a timeout', { cause: 'ORIGIN_HEAD_TIMEOUT' }],
    ['after a refused connection', { cause: 'ORIGIN_REFUSED' }],
    ['after a broken response', { cause: 'ORIGIN_RESPONSE_INCOMPLETE' }],
  ])('sends nothing again %s', (_, difference) => {
    expect(mayRetry({ ...deadKeptConnection, ...difference })).toBe(false);
  });
});
