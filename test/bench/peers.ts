import type { Peer, PeerPlace } from '../peers/peer.ts';

/** The other caches, each with one worker and as fast as a competent operator makes it; the reasons stand in the templates. */
export const peers: readonly Peer[] = [
  {
    name: 'nginx',
    debianPackage: 'nginx',
    program: '/usr/sbin/nginx',
    versionArgs: ['-v'],
    templates: 'bench/peers/nginx.conf',
    folders: ['cache'],
    args: ({ folder }) => ['-e', `${folder}/error.log`, '-p', folder, '-c', `${folder}/nginx.conf`],
    values: () => ({ accessLog: 'off' }),
  },
];

/** nginx with its access log on. */
export function withAccessLog(nginx: Peer): Peer {
  return { ...nginx, values: ({ folder }: PeerPlace) => ({ accessLog: `${folder}/access.log` }) };
}

/** @throws RangeError when there is none of that name. */
export function peerNamed(name: string): Peer {
  const peer = peers.find((candidate) => candidate.name === name);
  if (peer === undefined) throw new RangeError(`no such server: ${name}`);
  return peer;
}
