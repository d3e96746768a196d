import type { Peer } from './peer.ts';

/** A cache as it is installed and started, whatever it is configured for. */
export type Program = Pick<Peer, 'debianPackage' | 'program' | 'versionArgs' | 'folders' | 'args' | 'variables'>;

/** nginx with its configuration in a file of that name. */
export function nginx(configuration: string): Program {
  return {
    debianPackage: 'nginx',
    program: '/usr/sbin/nginx',
    versionArgs: ['-v'],
    folders: ['cache'],
    args: ({ folder }) => ['-e', `${folder}/error.log`, '-p', folder, '-c', `${folder}/${configuration}`],
  };
}

/** Varnish with that much memory for its shelf (`256m`), and with these parameters (`name=value`). */
export function varnish(shelf: string, parameters: readonly string[]): Program {
  return {
    debianPackage: 'varnish',
    program: '/usr/sbin/varnishd',
    versionArgs: ['-V'],
    folders: [],
    args: ({ folder, port }) => [
      ...`-F -n ${folder}/work -f ${folder}/varnish.vcl -a 127.0.0.1:${port} -s malloc,${shelf}`.split(' '),
      ...parameters.flatMap((parameter) => ['-p', parameter]),
    ],
  };
}

export const squid: Program = {
  debianPackage: 'squid',
  program: '/usr/sbin/squid',
  versionArgs: ['-v'],
  folders: [],
  args: ({ folder }) => ['-N', '-f', `${folder}/squid.conf`],
};

export const trafficServer: Program = {
  debianPackage: 'trafficserver',
  program: '/usr/bin/traffic_server',
  versionArgs: ['-V'],
  folders: ['cache', 'run', 'log'],
  args: () => [],
  variables: ({ folder }) => ({ TS_RUNROOT: `${folder}/runroot.yaml` }),
};

export const haproxy: Program = {
  debianPackage: 'haproxy',
  program: '/usr/sbin/haproxy',
  versionArgs: ['-v'],
  folders: [],
  args: ({ folder }) => ['-db', '-f', `${folder}/haproxy.cfg`],
};
