import type { EtagereError } from '../../../src/errors.ts';
import { type Fields, fieldsOf } from '../../../src/http/fields.ts';
import type { ResponseHead } from '../../../src/http/message.ts';
import type { OriginHandler, OriginRequest } from '../../../src/origin/origin.ts';

/** A handler that writes down what it is told, in order. */
export class Recorder implements OriginHandler {
  readonly events: string[] = [];
  readonly interims: ResponseHead[] = [];
  head: ResponseHead | undefined;
  content = '';
  error: EtagereError | undefined;
  /** Resolves at `onEnd` or `onError`. */
  readonly over: Promise<void>;
  #resolve: () => void = () => undefined;
  #watchers: { readonly event: string; readonly seen: () => void }[] = [];

  constructor() {
    this.over = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Resolves when that event has happened. */
  async seen(event: string): Promise<void> {
    if (this.events.includes(event)) return;
    const happens = new Promise<void>((resolve) => {
      this.#watchers.push({ event, seen: resolve });
    });
    await happens;
  }

  onInterim(head: ResponseHead): void {
    this.interims.push(head);
    this.#tell('interim');
  }

  onHead(head: ResponseHead): void {
    this.head = head;
    this.#tell('head');
  }

  onData(chunk: Uint8Array): void {
    this.content += Buffer.from(chunk).toString('latin1');
    this.#tell('data');
  }

  onEnd(): void {
    this.#tell('end');
    this.#resolve();
  }

  onError(error: EtagereError): void {
    this.error = error;
    this.#tell('error');
    this.#resolve();
  }

  #tell(event: string): void {
    this.events.push(event);
    for (const watcher of this.#watchers) if (watcher.event === event) watcher.seen();
  }
}

/** A GET for `/`, unless said otherwise. */
export function originRequest(overrides: Partial<OriginRequest> = {}): OriginRequest {
  return { method: 'GET', target: '/', fields: hostFields(), content: null, ...overrides };
}

function hostFields(): Fields {
  return fieldsOf(['host', 'origin.test']);
}
