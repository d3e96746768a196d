import { mostOpenFiles } from './machine.ts';
import type { Peer, PeerPlace } from '../peers/peer.ts';
import { haproxy, nginx, squid, trafficServer, varnish } from '../peers/programs.ts';

/** What Varnish writes into its log for each request. */
const varnishLog =
  'Begin End Link ReqStart ReqMethod ReqURL ReqProtocol ReqHeader ReqUnset RespProtocol RespStatus RespReason RespHeader RespUnset VCL_call VCL_return VCL_use Timestamp ReqAcct Hit HitMiss HitPass SessOpen SessClose Storage Length BereqMethod BereqURL BereqProtocol BereqHeader BereqUnset BerespProtocol BerespStatus BerespReason BerespHeader BerespUnset BackendOpen BackendReuse BackendClose BereqAcct Fetch_Body TTL'.split(
    ' ',
  );

// One pool, as there is one core. The log in memory, its access log, is off as that of all others.
const varnishParameters = [
  'thread_pools=1',
  'timeout_idle=3600',
  `vsl_mask=${varnishLog.map((tag) => `-${tag}`).join(',')}`,
];

/** The other caches, each with one worker and as fast as a competent operator makes it; the reasons stand in the templates. */
export const peers: readonly Peer[] = [
  {
    name: 'nginx',
    ...nginx('nginx.conf'),
    templates: 'bench/peers/nginx.conf',
    values: () => ({ accessLog: 'off', ...openFiles() }),
  },
  { name: 'haproxy', ...haproxy, templates: 'bench/peers/haproxy.cfg' },
  { name: 'trafficserver', ...trafficServer, templates: 'bench/peers/trafficserver' },
  { name: 'varnish', ...varnish('1g', varnishParameters), templates: 'bench/peers/varnish.vcl' },
  { name: 'squid', ...squid, templates: 'bench/peers/squid.conf' },
];

/** For connections, logs and libraries. */
const otherFiles = 6_000;

/** So many files of its cache nginx keeps open: as many as the system lets a process have, and no more than the largest workload has. */
export function cachedFiles(): number {
  return Math.min(500_000, mostOpenFiles() - otherFiles);
}

function openFiles(): { readonly descriptors: string; readonly cachedFiles: string } {
  return { descriptors: String(mostOpenFiles()), cachedFiles: String(cachedFiles()) };
}

/** nginx with its access log on. */
export function withAccessLog(peer: Peer): Peer {
  return { ...peer, values: ({ folder }: PeerPlace) => ({ accessLog: `${folder}/access.log`, ...openFiles() }) };
}

/** @throws RangeError when there is none of that name. */
export function peerNamed(name: string): Peer {
  const peer = peers.find((candidate) => candidate.name === name);
  if (peer === undefined) throw new RangeError(`no such server: ${name}`);
  return peer;
}
