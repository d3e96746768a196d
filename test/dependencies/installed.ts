import { readFileSync } from 'node:fs';

/** A package of a lock file, as far as it is about what comes with it. */
interface Locked {
  readonly dependencies?: Names;
  readonly optionalDependencies?: Names;
  readonly peerDependencies?: Names;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly hasInstallScript?: boolean;
}

type Names = Readonly<Record<string, string>>;

/** A package that is installed with Etagere. */
export interface Installed {
  readonly name: string;
  /** The packages that want it, in order; `etagere` for what package.json names. */
  readonly wantedBy: readonly string[];
  /** Whether npm runs a program of it when it installs it. */
  readonly hasInstallScript: boolean;
}

/**
 * All that `npm ci --omit=dev` may install by a lock file, on some platform: what `npm ls --omit=dev --all` shows, but for optional peers, which are there for a checker if at all. In the order of their names.
 * @throws Error where the lock file has several versions of one, or lacks one
 */
export function installedBy(lockFile: string): readonly Installed[] {
  const { packages } = JSON.parse(readFileSync(lockFile, 'utf8')) as { packages: Readonly<Record<string, Locked>> };
  const found = new Map<string, string[]>();
  const visit = (name: string, path: string): void => {
    for (const wanted of wantedOf(lockedAt(packages, path))) {
      const by = found.get(wanted);
      if (by !== undefined) by.push(name);
      else {
        found.set(wanted, [name]);
        visit(wanted, `node_modules/${wanted}`);
      }
    }
  };
  visit('etagere', '');
  return [...found]
    .map(([name, wantedBy]) => ({
      name,
      wantedBy: wantedBy.sort(),
      hasInstallScript: lockedAt(packages, `node_modules/${name}`).hasInstallScript === true,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function lockedAt(packages: Readonly<Record<string, Locked>>, path: string): Locked {
  const versions = Object.keys(packages).filter((each) => each === path || (path !== '' && each.endsWith(`/${path}`)));
  const [only] = versions;
  const locked = only === undefined ? undefined : packages[only];
  if (locked === undefined || versions.length > 1)
    throw new Error(`${path} is in the lock file ${versions.length} times`);
  return locked;
}

function wantedOf({ dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta }: Locked): string[] {
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => peerDependenciesMeta?.[name]?.optional !== true);
  return [...new Set([...Object.keys(dependencies ?? {}), ...Object.keys(optionalDependencies ?? {}), ...peers])];
}
