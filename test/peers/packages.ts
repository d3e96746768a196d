import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { runProgram } from '../run-program.ts';

/** A program that a Debian package brings. */
export interface PackagedProgram {
  readonly debianPackage: string;
  /** Its path. */
  readonly program: string;
}

/** Debian asks this program whether a package may start its service. */
const startPolicy = '/usr/sbin/policy-rc.d';
const forbidden = 101;

/** A slow mirror; after this it hangs. */
const installMs = 600_000;

/**
 * Those that are here, after the missing ones have been installed where that is possible: as root, with apt and a network. Says in one line what
 * could not be had.
 */
export async function installed<T extends PackagedProgram>(wanted: readonly T[]): Promise<readonly T[]> {
  const missing = wanted.filter(({ program }) => !existsSync(program));
  if (missing.length > 0) await install([...new Set(missing.map(({ debianPackage }) => debianPackage))]);
  return wanted.filter(({ program }) => existsSync(program));
}

async function install(packages: readonly string[]): Promise<void> {
  if (process.getuid?.() !== 0) {
    console.error(`WITHOUT ${packages.join(', ')}: not installed, and only root can do that`);
    return;
  }
  const policyIsOurs = !existsSync(startPolicy);
  if (policyIsOurs) writeFileSync(startPolicy, `#!/bin/sh\nexit ${forbidden}\n`, { mode: 0o755 });
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    const options = { cwd: '/', env, withinMs: installMs };
    await runProgram('apt-get', ['update', '--quiet'], options);
    await runProgram('apt-get', ['install', '--yes', '--no-install-recommends', ...packages], options);
  } catch (error) {
    const [reason] = String(error).split('\n').slice(-2);
    console.error(`WITHOUT ${packages.join(', ')}: they can't be installed (${reason})`);
  } finally {
    if (policyIsOurs) rmSync(startPolicy);
  }
}
