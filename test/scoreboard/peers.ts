import type { Peer } from '../peers/peer.ts';

/** All of them, with what a competent operator would turn on; the reasons stand in the templates. */
export const peers: readonly Peer[] = [
  {
    name: 'nginx',
    debianPackage: 'nginx',
    program: '/usr/sbin/nginx',
    versionArgs: ['-v'],
    templates: 'scoreboard/peers/nginx.conf',
    folders: ['cache'],
    args: ({ folder }) => ['-e', `${folder}/error.log`, '-p', folder, '-c', `${folder}/nginx.conf`],
  },
  {
    name: 'Varnish',
    debianPackage: 'varnish',
    program: '/usr/sbin/varnishd',
    versionArgs: ['-V'],
    templates: 'scoreboard/peers/varnish.vcl',
    folders: [],
    // Its defaults keep for two minutes what has no lifetime, and serve all else stale for ten seconds; for correct caching neither, but time for
    // validations. The last one: a backend that refused a connection is asked again at once, as nobody else could answer.
    args: ({ folder, port }) => [
      ...`-F -n ${folder}/work -f ${folder}/varnish.vcl -a 127.0.0.1:${port} -s malloc,256m`.split(' '),
      ...'-p default_ttl=0 -p default_grace=0 -p default_keep=3600 -p backend_remote_error_holddown=0'.split(' '),
    ],
  },
  {
    name: 'Squid',
    debianPackage: 'squid',
    program: '/usr/sbin/squid',
    versionArgs: ['-v'],
    templates: 'scoreboard/peers/squid.conf',
    folders: [],
    args: ({ folder }) => ['-N', '-f', `${folder}/squid.conf`],
  },
  {
    name: 'Traffic Server',
    debianPackage: 'trafficserver',
    program: '/usr/bin/traffic_server',
    versionArgs: ['-V'],
    templates: 'scoreboard/peers/trafficserver',
    folders: ['cache', 'run', 'log'],
    args: () => [],
    variables: ({ folder }) => ({ TS_RUNROOT: `${folder}/runroot.yaml` }),
  },
  {
    name: 'HAProxy',
    debianPackage: 'haproxy',
    program: '/usr/sbin/haproxy',
    versionArgs: ['-v'],
    templates: 'scoreboard/peers/haproxy.cfg',
    folders: [],
    args: ({ folder }) => ['-db', '-f', `${folder}/haproxy.cfg`],
  },
  {
    name: 'Apache httpd',
    debianPackage: 'apache2',
    program: '/usr/sbin/apache2',
    versionArgs: ['-v'],
    templates: 'scoreboard/peers/apache2.conf',
    folders: ['cache', 'lock'],
    args: ({ folder }) => ['-DFOREGROUND', '-f', `${folder}/apache2.conf`],
  },
];
