/** Up to here it is decided whether a head is that of an interim response: `HTTP/1.1 100` and the character after it. */
const decidedAt = 13;

/** Where the status begins in a head, and with which character that of an interim response does. */
const statusAt = 'HTTP/1.1 '.length;
const interimClass = 0x31;

const interimHead = /^HTTP\/1\.[01] 1\d\d[ \r\n]/;
const continueHead = /^HTTP\/1\.[01] 100[ \r\n]/;
const headEnd = '\r\n\r\n';

/** Most bytes of one interim head that are held back; behind them everything is passed on, for the parser to judge. */
const longestHead = 2 ** 16;

const nothing: Buffer = Buffer.alloc(0);

/**
 * Takes 100 (Continue) out of what an origin sends: a client must put up with interim responses that it did not ask for, and may ignore them
 * (RFC 9110 §15.2). We never ask for one, and undici destroys the connection over it.
 *
 * It looks at one response at a time. Other interim responses pass, and what follows them is looked at again; from the final head on every byte passes
 * as it came.
 */
export class ContinueFilter {
  #passing = true;
  #held = nothing;

  /** A request is about to be sent: the next byte begins a response. */
  expectResponse(): void {
    this.#passing = false;
    this.#held = nothing;
  }

  /** What is to be passed on now that `chunk` has come; what can't be judged yet waits for more. */
  pass(chunk: Buffer): Buffer {
    if (this.#passing) return chunk;
    // Nearly always a whole head comes at once, and is a final one.
    if (this.#held.length === 0 && chunk.length >= decidedAt && chunk[statusAt] !== interimClass) {
      this.#passing = true;
      return chunk;
    }
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const passed: Buffer[] = [];
    for (let length = this.#decided(rest); length > 0; length = this.#decided(rest)) {
      if (this.#passing || !continueHead.test(start(rest))) passed.push(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
    this.#held = rest;
    const [only = nothing] = passed;
    return passed.length <= 1 ? only : Buffer.concat(passed);
  }

  /** The connection has ended: what was held back, as it came. */
  end(): Buffer {
    const held = this.#held;
    this.#held = nothing;
    return held;
  }

  /** How many of these bytes have one fate, which is decided; 0 where more have to come first. */
  #decided(bytes: Buffer): number {
    if (this.#passing || bytes.length === 0) return bytes.length;
    const begun = start(bytes);
    if (bytes.length < decidedAt && /^HTTP\/1\.[01] 1/.test(begun + 'HTTP/1.1 1'.slice(bytes.length))) return 0;
    const end = interimHead.test(begun) ? bytes.indexOf(headEnd) : -1;
    if (end >= 0) return end + headEnd.length;
    if (interimHead.test(begun) && bytes.length < longestHead) return 0;
    this.#passing = true;
    return bytes.length;
  }
}

function start(bytes: Buffer): string {
  return bytes.toString('latin1', 0, decidedAt);
}
