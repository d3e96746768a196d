import { cachedFiles } from './peers.ts';
import { markdownTable } from '../markdown-table.ts';
import type { Contestant } from './contestants.ts';
import type { Machine } from './machine.ts';
import { hasPlaceFor, withMarked } from './marked-pages.ts';
import type { Section } from './section.ts';

/** One run of the bench. */
export interface Measurement {
  /** `2026-01-15` */
  readonly date: string;
  /** As it was typed. */
  readonly command: string;
  /** What was measured, as git names it; undefined where it does not. */
  readonly commit: string | undefined;
  readonly machine: Machine;
  /** Which core was whose, in words. */
  readonly cores: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly contestants: readonly Pick<Contestant, 'name' | 'version' | 'configuration'>[];
  readonly sections: readonly MeasuredSection[];
}

/** A section, and how busy the machine was. */
export interface MeasuredSection extends Section {
  /** The load average of a minute before it began. */
  readonly loadBefore: number;
}

/** Where a page tells of a complete run as a whole. */
export const wholeRun = 'the run';

/** A page with what was measured at its places; those of other sections stay as they are. */
export function updatedPage(page: string, measurement: Measurement, isComplete: boolean): string {
  const sections = measurement.sections.filter(({ name }) => hasPlaceFor(page, name));
  const updated = sections.reduce(
    (text, section) => withMarked(text, section.name, `${section.text}\n\n${provenance(section, measurement)}`),
    page,
  );
  return isComplete && hasPlaceFor(page, wholeRun) ? withMarked(updated, wholeRun, runText(measurement)) : updated;
}

function provenance({ loadBefore }: MeasuredSection, measurement: Measurement): string {
  const { date, command, commit, rounds, seconds, machine } = measurement;
  const at = commit === undefined ? '' : ` at commit ${commit}`;
  return `Measured on ${date} by \`${command}\`${at}: ${machine.cores} cores, Node ${machine.node}, ${rounds} rounds of ${seconds} s where it goes in rounds; load average ${loadBefore.toFixed(1)} when it began.`;
}

function runText(measurement: Measurement): string {
  const { date, command, machine, cores, contestants } = measurement;
  const { processor, cores: count, memoryGib, kernel, node } = machine;
  const versions = contestants.map(({ name, version, configuration }) => [name, version, configuration]);
  return `Measured on ${date} by

    ${command}

on ${processor}, ${count} cores, ${memoryGib} GiB, ${kernel}, Node ${node}; ${cores}. Another machine has other figures; the ratios to nginx, measured in turns with the others, are what can be
compared. Where a section was measured again, it says so.

## What is measured, and how

${method(measurement)}

${markdownTable(['server', 'version', 'configuration'], versions)}`;
}

function method({ rounds, seconds }: Measurement): string {
  return `- **CPU** is what the server used, user and system time of all its processes and threads, divided by the requests that were answered. It is the cost per core: a server that uses
  half of it answers twice as much. It hardly depends on what else the machine does; requests in a second and latencies do.
- **Of nginx** is the ratio to nginx in the same round, with the access log on where the server has one, and as it is where Etagere counts for its metrics (--admin). **Goal** is what Etagere is meant to keep to.
- Each figure is the median of ${rounds} rounds of ${seconds} s, with the least and the most in brackets. The servers take turns, backwards in every second round, and each has a second to warm up.
- **Core busy** is the share of the time in which the server had its core. Well below 100 %, load generator or machine set the pace, and requests in a second say little about the server.
- **Peak** is the largest resident memory of all processes of a server. What is on the shelf counts where it is in that memory: HAProxy takes all of its shelf when it starts, and the
  files of nginx, in memory as well here, do not count.
- All stand before the same origin, an nginx that answers from its configuration, and with files in memory where the content is 100 KiB or more. A run counts only if each answer was
  right: the status, the length, and whether the origin was asked, by the origin's own count.
- Every server has one worker, no access log unless it is said, connections that stay open, and its shelf in memory with 1 GiB of room (Squid: two). Its configuration says why it is as it is.
  nginx keeps files of its cache open, up to what the system allows a process: here ${cachedFiles()}.
- The load is made by wrk; by h2load where requests keep a rate, and for 304, as wrk waits for the content of which a 304 speaks in its Content-Length.`;
}
