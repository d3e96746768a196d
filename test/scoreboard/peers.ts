import type { Peer } from '../peers/peer.ts';
import { haproxy, nginx, squid, trafficServer, varnish } from '../peers/programs.ts';

// Its defaults keep for two minutes what has no lifetime, and serve all else stale for ten seconds; for correct caching neither, but time for
// validations. The last one: a backend that refused a connection is asked again at once, as nobody else could answer.
const varnishParameters = ['default_ttl=0', 'default_grace=0', 'default_keep=3600', 'backend_remote_error_holddown=0'];

/** All of them, with what a competent operator would turn on; the reasons stand in the templates. */
export const peers: readonly Peer[] = [
  { name: 'nginx', ...nginx('nginx.conf'), templates: 'scoreboard/peers/nginx.conf' },
  { name: 'Varnish', ...varnish('256m', varnishParameters), templates: 'scoreboard/peers/varnish.vcl' },
  { name: 'Squid', ...squid, templates: 'scoreboard/peers/squid.conf' },
  { name: 'Traffic Server', ...trafficServer, templates: 'scoreboard/peers/trafficserver' },
  { name: 'HAProxy', ...haproxy, templates: 'scoreboard/peers/haproxy.cfg' },
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
