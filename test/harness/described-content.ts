import { createHash } from 'node:crypto';

/** What content says of itself: any other in its place, and any part of it missing, is seen. */
export interface Description {
  readonly url: string;
  /** Values of what the response was selected by. */
  readonly variant: string;
  /** For whom alone it was made; empty: for everybody. */
  readonly user: string;
  /** Counts up each time that the origin answers anew. */
  readonly generation: number;
}

const lineBytes = 64;
const sumLength = 64;

/** Latin1: a line that describes it, filling up to about that length, and the SHA-256 of all that. */
export function describedContent(description: Description, length = 200): string {
  const head = `${JSON.stringify(description)}\n`;
  const line = `${createHash('sha256')
    .update(head)
    .digest('hex')
    .slice(0, lineBytes - 1)}\n`;
  const body = head + line.repeat(Math.max(0, Math.ceil((length - head.length - sumLength) / lineBytes)));
  return body + sumOf(body);
}

/**
 * What content is.
 * @throws Error where it is not all of it, or more than that
 */
export function describedBy(content: string): Description {
  const body = content.slice(0, -sumLength);
  const end = body.indexOf('\n');
  if (end === -1 || content.slice(-sumLength) !== sumOf(body)) {
    throw new Error(
      `content of ${content.length} bytes is not whole, it begins with ${JSON.stringify(content.slice(0, 80))}`,
    );
  }
  return JSON.parse(body.slice(0, end)) as Description;
}

function sumOf(body: string): string {
  return createHash('sha256').update(body, 'latin1').digest('hex');
}
