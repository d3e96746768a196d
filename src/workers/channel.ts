/** One end of the way between the primary process and a worker. What is sent arrives once and in its order, or the other end has gone. */
export interface Channel<Out, In> {
  /** Never throws: what can't be sent is lost, as its receiver is. Resolves when the way can take more. */
  send(message: Out): Promise<void>;
  /** Hears what comes from now on. There may be several who do. */
  listen(listener: (message: In) => void): void;
}
