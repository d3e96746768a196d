import type { ReloadOutcome } from '../admin/parts.ts';
import type { Settings } from '../config/settings.ts';
import type { Places } from './listening.ts';
import { printableLines } from './printable.ts';
import type { Terminal } from './terminal.ts';

/** Says where it listens, and what whoever started it should know. `workers`: how many there are, where there are several. */
export function tellReady({ urls, adminUrl }: Places, settings: Settings, terminal: Terminal, workers?: number): void {
  const crew = workers === undefined ? '' : ` (${workers} workers)`;
  for (const url of urls) terminal.say(`etagere listening on ${url} -> ${originUrls(settings).join(', ')}${crew}`);
  if (adminUrl !== undefined) terminal.say(`etagere admin on ${adminUrl}`);
  const { memoryBytes } = settings.limits;
  if (memoryBytes > terminal.machineBytes) {
    const [asked, there] = [memoryBytes, terminal.machineBytes].map((bytes) => `${Math.round(bytes / 2 ** 20)}mb`);
    terminal.say(
      `etagere: --memory is ${asked}, and there are ${there} here; the system may end the process before it is full`,
    );
  }
  if (terminal.nodeVersion.startsWith('v20.')) {
    terminal.say('etagere: Node 20 is past its end of life; run 24 or newer in production');
  }
}

/** Says what became of it; what is wrong with the new configuration is no reason to end. */
export function tellReload(outcome: ReloadOutcome, terminal: Terminal): void {
  if (outcome.kind === 'refused') {
    terminal.say(`etagere: ${printableLines(outcome.problem)}`);
    terminal.say('etagere: nothing was changed');
    return;
  }
  for (const warning of outcome.warnings) terminal.say(`etagere: ${warning}`);
  const changed = outcome.changed.length === 0 ? 'nothing is different' : `in force: ${outcome.changed.join(', ')}`;
  terminal.say(`etagere: the configuration was read anew; ${changed}`);
}

export function tellDraining(terminal: Terminal): void {
  terminal.say('etagere: finishing the responses under way; a second signal ends at once');
}

/** A second signal means that whoever sent it does not want to wait: `atOnce` is all that is done then. */
export function firstStop(terminal: Terminal, atOnce: () => void = () => undefined): Promise<void> {
  return new Promise((resolve) => {
    let stops = 0;
    terminal.onStop(() => {
      stops += 1;
      if (stops === 1) {
        resolve();
        return;
      }
      atOnce();
      terminal.exitNow(1);
    });
  });
}

function originUrls({ origins }: Settings): string[] {
  return origins.flatMap(({ servers }) => servers.map(({ url }) => url));
}
