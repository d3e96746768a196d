import { assertNever } from '../http/message.ts';
import type { HealthCause } from './server-health.ts';

/** A server of an origin is left out from now on, or takes part again. */
export interface ServerChange {
  /** Of the server: `http://10.0.0.6:4000`. */
  readonly url: string;
  readonly cause: HealthCause;
  /** Whether any server of the origin is up now: where none is, all are asked. */
  readonly isAnyUp: boolean;
}

/** A change as a sentence for operators; `origin` is its name in the configuration. */
export function serverChangeText(origin: string, { url, cause, isAnyUp }: ServerChange): string {
  const subject = `origin ${origin}: ${url}`;
  const down = (time: string): string =>
    isAnyUp ? `gets no requests${time}` : `is down${time}, and asked only as no other server is up`;
  switch (cause.kind) {
    case 'bad-checks':
      return `${subject} ${down('')}: ${counted(cause.inARow, 'bad health check')}`;
    case 'failures': {
      const { failures, withinMs, forMs } = cause;
      const time = ` for ${forMs / 1_000} s`;
      return `${subject} ${down(time)}: ${counted(failures, 'failed request')} within ${withinMs / 1_000} s`;
    }
    case 'good-checks':
      return `${subject} gets requests again: ${counted(cause.inARow, 'good health check')}`;
    case 'time-over':
      return `${subject} gets requests again`;
    default:
      return assertNever(cause);
  }
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
