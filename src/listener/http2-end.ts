import type { ServerHttp2Session } from 'node:http2';

/**
 * Has a session end between two pieces of what its client sends, never within one; all of its streams are to be closed by then. While it ends a stream that it has open, or looks at what came
 * behind the frame that it ends for, node:http2 may come upon a request more: it makes no stream of it any more, and content for one that was not made aborts the process
 * (https://github.com/nodejs/node/issues/64850). Node itself ends a session at once for any GOAWAY with an error.
 *
 * @param closeStreams Is called right before it ends.
 */
export function endBetweenReads(session: ServerHttp2Session, closeStreams: () => void): void {
  const destroy = session.destroy.bind(session);
  session.destroy = (...how: Parameters<typeof destroy>): void => {
    // The client was told that no request is answered any more, and there is none.
    if (session.closed && (how[0] ?? undefined) === undefined) {
      destroy();
      return;
    }
    setImmediate(() => {
      if (session.destroyed) return;
      closeStreams();
      destroy(...how);
    });
  };
}
