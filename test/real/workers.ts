import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as breath } from 'node:timers/promises';
import { claim, type RealProgram } from './program.ts';
import { ask, Load, startWorkers, workersOf, type WorkersStage } from './workers-stage.ts';

const keeping = 8;
const fresh = 2;
/** A process takes half a second of CPU time to begin; how long that is depends on who else wants the processor. */
const patienceMs = 15_000;

async function withWorkers(
  flags: readonly string[],
  run: (stage: WorkersStage) => Promise<readonly string[]>,
  delayMs = 0,
): Promise<{ readonly kind: 'passed'; readonly figures: readonly string[] }> {
  const stage = await startWorkers(flags, delayMs);
  try {
    return { kind: 'passed', figures: await run(stage) };
  } finally {
    await stage.close();
  }
}

/** What all workers have answered by their own account. */
async function counted({ admin }: WorkersStage): Promise<number> {
  const { content } = await ask(`${admin}/v1/stats`);
  return (JSON.parse(content) as { readonly requests: number }).requests;
}

async function metric({ admin }: WorkersStage, name: string): Promise<number> {
  const { content } = await ask(`${admin}/metrics`);
  return Number(
    content
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')[1],
  );
}

export const workerKilled: RealProgram = {
  claim: 'a worker that is killed is replaced, and no client loses more than the connection that it held',
  run: () =>
    withWorkers([], async (stage) => {
      const { etagere } = stage;
      // Few, as the one that begins wants the processor, too.
      const clients = 4;
      const load = new Load(`${etagere.url}/hit`, clients, 0);
      // So many that what one worker has counted is more than what the other answers while the first is missed.
      await load.more(2_000);
      const before = await counted(stage);
      const [victim = 0] = workersOf(etagere.pid);
      const killedAt = performance.now();
      process.kill(victim, 'SIGKILL');
      await etagere.said(/ended by SIGKILL; another begins/);
      const answeredBefore = load.requests;
      while ((await metric(stage, 'etagere_workers{state="answered"}')) < 2) await load.more(1);
      const replacedMs = performance.now() - killedAt;
      await load.more(500);
      await load.stop();
      claim(replacedMs < patienceMs, `it was replaced after ${replacedMs.toFixed(0)} ms`);
      claim(!workersOf(etagere.pid).includes(victim), 'the one that was killed is still there');
      const most = Math.max(...load.errors.map(({ length }) => length));
      claim(most <= 1, `a client had ${most} errors: ${load.failures.join('; ')}`);
      const since = load.requests - answeredBefore - clients;
      const sum = await counted(stage);
      claim(sum >= before + since, `${before} were counted, ${since} came since, and ${sum} are counted now`);
      claim((await metric(stage, 'etagere_worker_deaths_total')) === 1, 'its death is not counted');
      return [
        `replaced after ${replacedMs.toFixed(0)} ms; ${load.failures.length} of ${load.requests} requests failed`,
      ];
    }),
};

export const workerHalted: RealProgram = {
  claim: 'a worker that is halted is replaced, and no client waits for it longer than that takes',
  run: () =>
    withWorkers([], async (stage) => {
      const { etagere } = stage;
      await ask(`${etagere.url}/hit`);
      const [victim = 0] = workersOf(etagere.pid);
      process.kill(victim, 'SIGSTOP');
      const haltedAt = performance.now();
      const ended = await Promise.all(
        Array.from({ length: 10 }, () => ask(`${etagere.url}/hit`, undefined, {}, 4 * patienceMs).catch(String)),
      );
      const waitedMs = performance.now() - haltedAt;
      const failures = ended.filter((answer) => typeof answer === 'string');
      claim(failures.length <= 1, `clients had errors: ${failures.join('; ')}`);
      claim(!failures.join().includes('no answer'), 'a client was left to wait');
      await etagere.said(/has not answered for 10 s, and is killed$/);
      await etagere.said(/ended by SIGKILL; another begins/);
      while ((await metric(stage, 'etagere_workers{state="answered"}')) < 2) await breath(100);
      claim(!workersOf(etagere.pid).includes(victim), 'the one that was halted is still there');
      claim((await metric(stage, 'etagere_silent_worker_deaths_total')) === 1, 'it is not counted');
      return [`10 connections were over after ${waitedMs.toFixed(0)} ms, ${failures.length} of them broken off`];
    }),
};

export const firstKilled: RealProgram = {
  claim:
    'workers end with the first process where that is killed while they store, and the shelf can be used by the next',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'etagere-workers-'));
    const rounds = 8;
    let asked = 0;
    try {
      for (let round = 0; round < rounds; round++) {
        const stage = await startWorkers(['--store', `disk:${join(folder, 'shelf')}`]);
        const workers = workersOf(stage.etagere.pid);
        const load = new Load(() => `${stage.etagere.url}/${asked++}`, keeping, 0);
        await load.more(200);
        // Which has the workers write down what they have used most.
        process.kill(stage.etagere.pid, 'SIGTERM');
        await breath(10 * (round + 1));
        process.kill(stage.etagere.pid, 'SIGKILL');
        const killedAt = performance.now();
        while (workers.some(isRunning) && performance.now() - killedAt < patienceMs) await breath(50);
        await load.stop();
        const left = workers.filter(isRunning);
        for (const pid of left) process.kill(pid, 'SIGKILL');
        await stage.abandon();
        claim(left.length === 0, `${left.length} workers were left in round ${round}`);
      }
      return { kind: 'passed', figures: [`${rounds} times, on one shelf`] };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

/** What has ended and was not waited for yet does not count. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

export const workersRestarted: RealProgram = {
  claim: 'the workers restart one after another under load without a connection refused or reset',
  run: () =>
    withWorkers([], async (stage) => {
      const { etagere } = stage;
      const load = new Load(`${etagere.url}/hit`, keeping, fresh);
      await load.more(200);
      const before = workersOf(etagere.pid);
      const countedBefore = await counted(stage);
      process.kill(etagere.pid, 'SIGUSR2');
      await etagere.said(/the workers have been restarted/);
      await load.more(200);
      await load.stop();
      const after = workersOf(etagere.pid);
      claim(
        after.length === 2 && after.every((pid) => !before.includes(pid)),
        `${before.join()} became ${after.join()}`,
      );
      claim(load.failures.length === 0, `clients had errors: ${load.failures.join('; ')}`);
      const sum = await counted(stage);
      claim(sum === load.requests, `${load.requests} were answered, and ${sum} are counted`);
      claim(sum >= countedBefore, 'a sum has fallen');
      return [`${load.requests} requests during the restart, none failed, all counted`];
    }),
};

export const workersReloaded: RealProgram = {
  claim: 'SIGHUP has all workers run by the new configuration, and is reported once',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'etagere-workers-'));
    const file = join(folder, 'etagere.yaml');
    const write = (version: string): void => {
      writeFileSync(file, `headers: { response: { set: { x-version: '${version}' } } }\n`);
    };
    write('old');
    try {
      return await withWorkers(['--config', file], async ({ etagere }) => {
        write('new');
        process.kill(etagere.pid, 'SIGHUP');
        const [line] = await etagere.said(/the configuration was read anew.*/);
        claim(line.endsWith('in force: routes'), `it says: ${line}`);
        for (let connection = 0; connection < 20; connection++) {
          const { fields } = await ask(`${etagere.url}/${connection}`);
          const version = String(fields['x-version']);
          claim(version === 'new', `connection ${connection} has the configuration ${version}`);
        }
        return ['20 connections, all by the new configuration'];
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

/** That no client gets what was there before a change, from whichever worker, once `change` has resolved. */
async function inForceOnce(
  { etagere, answer }: WorkersStage,
  change: (round: number) => Promise<void>,
): Promise<string> {
  const rounds = 50;
  const clients = Array.from({ length: 8 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  const askAll = (): Promise<readonly string[]> =>
    Promise.all(clients.map(async (agent) => (await ask(`${etagere.url}/changed`, agent)).content));
  for (let round = 0; round < rounds; round++) {
    await askAll();
    answer(`after ${round}`);
    await change(round);
    for (const content of await askAll()) {
      claim(content === `after ${round}`, `round ${round}: a client got ${content}`);
    }
  }
  for (const agent of clients) agent.destroy();
  return `${rounds} rounds, ${clients.length} clients`;
}

export const workersPurged: RealProgram = {
  claim: 'a purge is in force in every worker when its receipt comes',
  run: () =>
    withWorkers([], async (stage) => {
      const figures = await inForceOnce(stage, async (round) => {
        const { acknowledged } = await purge(stage.admin, round % 2 === 0 ? 'hard' : 'soft');
        claim(acknowledged.length === 2, `the receipt names ${acknowledged.length} workers`);
      });
      return [`${figures}, 2 workers acknowledged each purge`];
    }),
};

export const workersChanged: RealProgram = {
  claim: 'what an unsafe request invalidates is used by no worker any more when its answer comes',
  run: () =>
    withWorkers([], async (stage) => [
      await inForceOnce(stage, async () => {
        const answer = await fetch(`${stage.etagere.url}/changed`, { method: 'POST', body: 'x' });
        await answer.text();
      }),
    ]),
};

export const workersCollapse: RealProgram = {
  claim:
    'requests for the same thing at two workers are one request at the origin, and what one has stored the other has',
  run: () =>
    withWorkers(
      [],
      async ({ etagere, asked }) => {
        const keys = 20;
        const clients = 20;
        for (let key = 0; key < keys; key++) {
          const answers = await Promise.all(Array.from({ length: clients }, () => ask(`${etagere.url}/cold-${key}`)));
          claim(
            answers.every(({ status, content }) => status === 200 && content === 'one'),
            'a client got something else',
          );
        }
        claim(asked() === keys, `the origin was asked ${asked()} times for ${keys} things`);
        return [`${keys} things, ${clients} clients at once for each, ${asked()} requests at the origin`];
      },
      50,
    ),
};

async function purge(admin: string, mode: string): Promise<{ readonly acknowledged: readonly object[] }> {
  const response = await fetch(`${admin}/v1/purge`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ all: true, mode }),
  });
  return (await response.json()) as { readonly acknowledged: readonly object[] };
}
