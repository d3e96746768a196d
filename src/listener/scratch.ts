/** More than nearly any answer that is made here; what is longer gets memory of its own. A client that takes nothing may keep one of these. */
const scratchBytes = 20 * 1024;

/**
 * Memory for what is written to a socket at once. Nearly always the system takes all of it before the call returns, and then the same memory serves for the next answer:
 * a buffer for each of them costs more than all the rest of making it.
 */
export class Scratch {
  #memory = Buffer.allocUnsafeSlow(scratchBytes);

  /** So many bytes, valid until the next call. */
  take(length: number): Buffer {
    return length <= scratchBytes ? this.#memory.subarray(0, length) : Buffer.allocUnsafeSlow(length);
  }

  /** What was taken last is still needed: it is left to whoever has it. */
  renew(): void {
    this.#memory = Buffer.allocUnsafeSlow(scratchBytes);
  }
}
