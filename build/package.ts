/**
 * Makes the package of a release: `npm run package -- FOLDER` packs what git tracks here twice, in two folders of other names, time zones and languages, and leaves the package in FOLDER only where both have
 * the same bytes. Whoever has the same commit, Node and npm gets them again, and can tell that nothing else is in it.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { root } from './command-bundle.ts';

/** What must make no difference: where it is built, when, and by whom. */
const surroundings = [
  { folder: 'here', variables: { TZ: 'UTC', LANG: 'C' } },
  { folder: join('in', 'another-folder'), variables: { TZ: 'Asia/Kathmandu', LANG: 'tr_TR.UTF-8' } },
] as const;

/** What git tracks, as it is now, with what npm has installed. Modes are the same whatever the umask of the checkout: npm packs them. */
function copyOfTree(folder: string): void {
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0');
  for (const path of tracked.filter((name) => name !== '')) {
    const copy = join(folder, path);
    mkdirSync(dirname(copy), { recursive: true });
    cpSync(join(root, path), copy);
    chmodSync(copy, (statSync(copy).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}

/** Builds and packs what is in that folder; the path of the package. */
function packed(folder: string, variables: Readonly<Record<string, string>>): string {
  const args = ['pack', '--silent', '--pack-destination', folder];
  const name = execFileSync('npm', args, { cwd: folder, env: { ...process.env, ...variables }, encoding: 'utf8' });
  return join(folder, name.trim());
}

/** The files of two builds whose bytes are not the same, or that only one of them has. */
function differences(one: string, other: string): string[] {
  const [mine, theirs] = [new Set(filesOf(one)), new Set(filesOf(other))];
  const isSame = (path: string): boolean =>
    mine.has(path) && theirs.has(path) && readFileSync(join(one, path)).equals(readFileSync(join(other, path)));
  return [...new Set([...mine, ...theirs])].filter((path) => !isSame(path));
}

function filesOf(folder: string): string[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return paths.filter((path) => statSync(join(folder, path)).isFile());
}

/** Packs in both surroundings, and leaves the package. @throws Error where it has not the same bytes in both */
function makePackage(scratch: string, destination: string): string {
  // What is built has no other modes for whoever has another umask.
  process.umask(0o022);
  let installed = join(scratch, 'node_modules');
  // Links to packages would lead out of the folder, and give away where that is.
  cpSync(realpathSync(join(root, 'node_modules')), installed, { recursive: true, verbatimSymlinks: true });
  const packages = surroundings.map(({ folder, variables }) => {
    const tree = join(scratch, folder);
    copyOfTree(tree);
    renameSync(installed, join(tree, 'node_modules'));
    installed = join(tree, 'node_modules');
    return { tree, path: packed(tree, variables) };
  });
  const [one, other] = packages;
  if (one === undefined || other === undefined) throw new Error('there are not two packages to compare');
  if (!readFileSync(one.path).equals(readFileSync(other.path))) {
    const files = differences(join(one.tree, 'dist'), join(other.tree, 'dist'));
    throw new Error(
      `the package has other bytes in another folder: ${files.slice(0, 10).join(', ') || 'not by what is built'}`,
    );
  }
  const left = join(destination, basename(one.path));
  cpSync(one.path, left);
  return left;
}

const scratch = mkdtempSync(join(tmpdir(), 'etagere-package-'));
try {
  const path = makePackage(scratch, resolve(process.argv[2] ?? '.'));
  const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
  process.stdout.write(`the same bytes from two folders: ${path}\nsha256 ${digest}\n`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
