import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../run-program.ts';
import { startEtagere } from './etagere-process.ts';
import { claim, type RealProgram, startServer } from './program.ts';

const commits = 20;

/** Git's smart protocol: POST with content, responses without length, `Cache-Control: no-cache` with a date in the past. */
export const gitClone: RealProgram = {
  claim: 'a repository is cloned and pushed to through the proxy, and stays whole',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'etagere-git-'));
    const git = (cwd: string, ...args: string[]) =>
      runProgram('git', args, { cwd, env: gitEnv(folder), withinMs: 60_000 });
    try {
      await git(folder, '--version');
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      return { kind: 'skipped', reason: `there is no git here: ${String(error)}` };
    }
    await makeRepository(folder, git);
    const origin = await startServer((request, response) => serveGit(folder, request, response));
    const etagere = await startEtagere(origin.url);
    try {
      await git(folder, 'clone', '--quiet', `${etagere.url}/repository.git`, 'clone');
      const clone = join(folder, 'clone');
      await git(clone, 'fsck', '--full', '--strict');
      await git(clone, 'commit', '--quiet', '--allow-empty', '--message', 'one more');
      await git(clone, 'push', '--quiet', 'origin', 'HEAD:main');
      await git(folder, 'clone', '--quiet', `${etagere.url}/repository.git`, 'again');
      const [mine, theirs] = await Promise.all(
        [clone, join(folder, 'again')].map((repository) => git(repository, 'rev-parse', 'HEAD')),
      );
      claim(mine === theirs, 'a clone after a push does not have what was pushed');
      return {
        kind: 'passed',
        figures: [`${commits} commits cloned, one pushed, cloned again: ${etagere.log.length} exchanges`],
      };
    } finally {
      await etagere.stop();
      await origin.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** No configuration of the user, no prompt, no proxy but ours. */
function gitEnv(folder: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'etagere',
    GIT_AUTHOR_EMAIL: 'etagere@localhost',
    GIT_COMMITTER_NAME: 'etagere',
    GIT_COMMITTER_EMAIL: 'etagere@localhost',
    no_proxy: '127.0.0.1',
  };
}

type Git = (cwd: string, ...args: string[]) => Promise<string>;

/** A bare repository with some history, whose pushes are accepted. */
async function makeRepository(folder: string, git: Git): Promise<void> {
  const work = join(folder, 'work');
  mkdirSync(work);
  await git(work, 'init', '--quiet', '--initial-branch', 'main');
  for (let index = 0; index < commits; index++) {
    writeFileSync(join(work, `file-${index}`), `${index}\n`.repeat(10_000));
    await git(work, 'add', '.');
    await git(work, 'commit', '--quiet', '--message', `commit ${index}`);
  }
  await git(folder, 'clone', '--quiet', '--bare', 'work', 'repository.git');
  await git(join(folder, 'repository.git'), 'config', 'http.receivepack', 'true');
}

/** `git http-backend` by CGI (RFC 3875). */
function serveGit(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://origin');
  const child = spawn('git', ['http-backend'], {
    env: {
      ...gitEnv(folder),
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      REQUEST_METHOD: request.method,
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      CONTENT_LENGTH: request.headers['content-length'],
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  request.pipe(child.stdin);
  let head = Buffer.alloc(0);
  let begun = false;
  child.stdout.on('data', (chunk: Buffer) => {
    if (begun) {
      response.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) return;
    begun = true;
    writeCgiHead(head.subarray(0, end).toString('latin1'), response);
    response.write(head.subarray(end + 4));
  });
  child.stdout.on('end', () => response.end());
}

function writeCgiHead(head: string, response: ServerResponse): void {
  for (const line of head.split('\r\n')) {
    const [name = '', value = ''] = line.split(/:\s*(.*)/s);
    if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value, 10);
    else response.appendHeader(name, value);
  }
}
