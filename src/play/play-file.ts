import { assertNever } from '../http/message.ts';
import type { FixtureFile } from './files.ts';
import { faultText, parseFixture } from './parse.ts';
import { failureText, playFixture } from './run.ts';
import type { TransportSource } from './transport.ts';

/** How the fixture in a file ended, in a word and, where there is more to say, a line. */
export interface Verdict {
  readonly outcome: 'passed' | 'failed' | 'skipped' | 'unreadable';
  readonly message?: string;
}

/** Reads a fixture and plays it. */
export async function playFile({ path, text }: FixtureFile, source: TransportSource): Promise<Verdict> {
  const parsed = parseFixture(text, path);
  if (!parsed.ok) return { outcome: 'unreadable', message: faultText(parsed.fault) };
  const result = await playFixture(parsed.fixture, source);
  switch (result.outcome) {
    case 'passed':
      return { outcome: 'passed' };
    case 'failed':
    // Of Etagere itself a fixture knows which way it goes.
    case 'not reached':
      return { outcome: 'failed', message: failureText(parsed.fixture, result.failure) };
    case 'skipped':
      return { outcome: 'skipped', message: `${path}:${result.step.line}: ${result.step.text}: not possible here` };
    default:
      return assertNever(result);
  }
}
