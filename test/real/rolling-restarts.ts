import { Agent } from 'node:http';
import { setTimeout as breath } from 'node:timers/promises';
import { describedBy, describedContent } from '../harness/described-content.ts';
import { launchEtagere, type LaunchedEtagere } from './etagere-launch.ts';
import { claim, type RealProgram, startServer, type TestServer } from './program.ts';
import { ask, workersOf } from './workers-stage.ts';

const restarts = 20;
/** Requests in a second, as far as this machine gets. */
const rate = 1_000;
/** Clients that keep their connection, and those that have another for each request. */
const keeping = 20;
const fresh = 4;
/** Targets of what is stored; each other request is one of these. */
const storedTargets = 50;
/** Of a restart. */
const patienceMs = 60_000;
/** Of one request. */
const requestMs = 30_000;

const restarted = /the workers have been restarted/;

/** Small and large, of which some go past the shelf. */
function startOrigin(): Promise<TestServer> {
  return startServer(({ url = '' }, response) => {
    const length = url.includes('large') ? 300_000 : 500;
    const content = describedContent({ url, variant: '', user: '', generation: 0 }, length);
    const lifetime = url.startsWith('/passed/') ? 'no-store' : 'max-age=600';
    response.writeHead(200, { 'cache-control': lifetime }).end(content);
  });
}

/** Asks at a steady rate, until it is stopped. */
class Steady {
  requests = 0;
  readonly wrong: string[] = [];
  readonly #url: string;
  readonly #done: Promise<unknown>;
  #isStopped = false;

  constructor(url: string) {
    this.#url = url;
    this.#done = Promise.all(Array.from({ length: keeping + fresh }, (_, i) => this.#client(i)));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#done;
  }

  async #client(index: number): Promise<void> {
    const agent = new Agent({ keepAlive: index < keeping, maxSockets: 1 });
    const pauseMs = ((keeping + fresh) * 1_000) / rate;
    let next = performance.now() + (pauseMs * index) / (keeping + fresh);
    for (let count = index; !this.#isStopped; count += keeping + fresh) {
      // Who was answered late does not make good for it.
      next = Math.max(next + pauseMs, performance.now());
      await breath(next - performance.now());
      await this.#ask(targetOf(count), agent);
    }
    agent.destroy();
  }

  async #ask(target: string, agent: Agent): Promise<void> {
    try {
      const { status, content } = await ask(this.#url + target, agent, {}, requestMs);
      if (status !== 200) this.wrong.push(`${target}: status ${status}, ${content.slice(0, 200)}`);
      else if (describedBy(content).url !== target) this.wrong.push(`${target}: ${content.slice(0, 100)}`);
    } catch (error) {
      this.wrong.push(`${target}: ${String(error)}`);
    }
    this.requests += 1;
  }
}

function targetOf(count: number): string {
  if (count % 2 === 0) return `/stored/${(count / 2) % storedTargets}`;
  if (count % 97 === 0) return `/large/${count % storedTargets}`;
  return count % 3 === 0 ? `/passed/${count}` : `/new/${count}`;
}

/** Resolves when all of its workers are others. */
async function restart(etagere: LaunchedEtagere): Promise<void> {
  const before = workersOf(etagere.pid);
  const said = (): number => etagere.lines.filter((line) => restarted.test(line)).length;
  const saidBefore = said();
  const until = performance.now() + patienceMs;
  process.kill(etagere.pid, 'SIGUSR2');
  while (said() === saidBefore) {
    claim(performance.now() < until, `the workers were not restarted: ${etagere.lines.slice(-5).join('; ')}`);
    await breath(20);
  }
  const left = workersOf(etagere.pid).filter((pid) => before.includes(pid));
  claim(left.length === 0, `workers ${left.join()} are there still`);
}

export const restartedAgainAndAgain: RealProgram = {
  claim: `${restarts} restarts of all workers under up to ${rate} requests a second: none is refused, reset or failed, and each has its own content`,
  async run() {
    const origin = await startOrigin();
    // However busy this machine is: nothing is refused for that.
    const flags = ['--workers', '2', '--admin', '0', '--log', 'off', '--overload-delay', '0s'];
    const etagere = await launchEtagere(origin.url, flags);
    try {
      const [, admin = ''] = await etagere.said(/^etagere admin on (\S+)$/);
      const load = new Steady(etagere.url);
      const begunAt = performance.now();
      for (let count = 0; count < restarts; count++) {
        const { requests } = load;
        await restart(etagere);
        claim(load.requests > requests, 'nobody was answered during a restart');
        claim(load.wrong.length === 0, `in restart ${count + 1}: ${load.wrong.slice(0, 5).join('; ')}`);
      }
      const seconds = (performance.now() - begunAt) / 1_000;
      await load.stop();
      claim(load.wrong.length === 0, `behind the last restart: ${load.wrong.slice(0, 5).join('; ')}`);
      const { content } = await ask(`${admin}/v1/stats`);
      const counted = (JSON.parse(content) as { readonly requests: number }).requests;
      claim(counted === load.requests, `${load.requests} were answered, and ${counted} are counted`);
      const each = `${Math.round(load.requests / seconds)} in a second`;
      return {
        kind: 'passed',
        figures: [`${load.requests} requests in ${seconds.toFixed(0)} s, ${each}: none failed, all counted`],
      };
    } finally {
      await etagere.stop();
      await origin.close();
    }
  },
};
