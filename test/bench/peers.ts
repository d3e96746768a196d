import type { Peer, PeerPlace } from '../peers/peer.ts';

/** What Varnish writes into its log for each request. */
const varnishLog =
  'Begin End Link ReqStart ReqMethod ReqURL ReqProtocol ReqHeader ReqUnset RespProtocol RespStatus RespReason RespHeader RespUnset VCL_call VCL_return VCL_use Timestamp ReqAcct Hit HitMiss HitPass SessOpen SessClose Storage Length BereqMethod BereqURL BereqProtocol BereqHeader BereqUnset BerespProtocol BerespStatus BerespReason BerespHeader BerespUnset BackendOpen BackendReuse BackendClose BereqAcct Fetch_Body TTL'.split(
    ' ',
  );

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
  {
    name: 'haproxy',
    debianPackage: 'haproxy',
    program: '/usr/sbin/haproxy',
    versionArgs: ['-v'],
    templates: 'bench/peers/haproxy.cfg',
    folders: [],
    args: ({ folder }) => ['-db', '-f', `${folder}/haproxy.cfg`],
  },
  {
    name: 'trafficserver',
    debianPackage: 'trafficserver',
    program: '/usr/bin/traffic_server',
    versionArgs: ['-V'],
    templates: 'bench/peers/trafficserver',
    folders: ['cache', 'run', 'log'],
    args: () => [],
    variables: ({ folder }) => ({ TS_RUNROOT: `${folder}/runroot.yaml` }),
  },
  {
    name: 'varnish',
    debianPackage: 'varnish',
    program: '/usr/sbin/varnishd',
    versionArgs: ['-V'],
    templates: 'bench/peers/varnish.vcl',
    folders: [],
    // One pool, as there is one core. The log in memory, its access log, is off as that of all others.
    args: ({ folder, port }) => [
      ...`-F -n ${folder}/work -f ${folder}/varnish.vcl -a 127.0.0.1:${port} -s malloc,1g`.split(' '),
      ...`-p thread_pools=1 -p timeout_idle=3600 -p vsl_mask=${varnishLog.map((tag) => `-${tag}`).join(',')}`.split(
        ' ',
      ),
    ],
  },
  {
    name: 'squid',
    debianPackage: 'squid',
    program: '/usr/sbin/squid',
    versionArgs: ['-v'],
    templates: 'bench/peers/squid.conf',
    folders: [],
    args: ({ folder }) => ['-N', '-f', `${folder}/squid.conf`],
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
