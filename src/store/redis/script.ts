import { createHash } from 'node:crypto';

/** A script that runs in the server, known there by its digest once it has run. */
export interface Script {
  readonly source: string;
  readonly digest: string;
}

/** The same for a server that has reached its limit of memory, which a script may pass from Redis 7 on. */
export function evenIfFull({ source }: Script): Script {
  return script(`#!lua flags=allow-oom\n${source.trimStart()}`);
}

export function script(source: string): Script {
  return { source, digest: createHash('sha1').update(source).digest('hex') };
}
