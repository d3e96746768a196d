import { afterEach } from 'vitest';
import type { OriginRequest } from '../../../src/origin/origin.ts';
import { UndiciOrigin, type UndiciOriginOptions } from '../../../src/origin/undici-origin.ts';
import { type RawConnection, rawOrigin, type RawOrigin } from '../../harness/raw-origin.ts';
import { originRequest, Recorder } from './recorder.ts';

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Is called when the test is over. */
export function afterwards(close: () => Promise<void>): void {
  closers.push(close);
}

/** A raw origin that is closed when the test is over. */
export async function listening(answer?: (connection: RawConnection, request: number) => void): Promise<RawOrigin> {
  const raw = await rawOrigin(answer);
  afterwards(() => raw.close());
  return raw;
}

export function originAt(url: string, overrides: Partial<UndiciOriginOptions> = {}): UndiciOrigin {
  return new UndiciOrigin({
    url,
    connections: 4,
    queue: 4,
    queueTimeoutMs: 30_000,
    connectTimeoutMs: 5_000,
    headTimeoutMs: 30_000,
    bodyIdleTimeoutMs: 30_000,
    headBytes: 16_384,
    interimResponses: 8,
    ...overrides,
  });
}

/** What became of a request, once it is over. */
export async function fetched(origin: UndiciOrigin, request: OriginRequest = originRequest()): Promise<Recorder> {
  const recorder = new Recorder();
  origin.request(request, recorder);
  await recorder.over;
  return recorder;
}

/** A complete response with that content. */
export const ok = (content: string): string => `HTTP/1.1 200 OK\r\ncontent-length: ${content.length}\r\n\r\n${content}`;

/** Undici takes a connection for free one turn of the event loop after the response has ended. */
export async function nextTurn(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}
