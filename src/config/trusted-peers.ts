import { BlockList, isIP } from 'node:net';
import { plainAddress } from '../http/peer-address.ts';
import { UsageError } from './usage-error.ts';

/**
 * Whether a peer is one of the given addresses and networks (`10.0.0.0/8`, `::1`): only of those do we believe what they say of
 * their clients. The answer of the previous peer is kept, as one proxy before us asks again and again.
 * @throws UsageError
 */
export function trustedPeers(networks: readonly string[]): (peer: string) => boolean {
  if (networks.length === 0) return () => false;
  const list = new BlockList();
  for (const network of networks) addNetwork(list, network);
  let lastPeer = '';
  let lastAnswer = false;
  return (peer) => {
    if (peer !== lastPeer) {
      lastPeer = peer;
      lastAnswer = isListed(list, peer);
    }
    return lastAnswer;
  };
}

function addNetwork(list: BlockList, network: string): void {
  const [address = '', prefix, ...rest] = network.split('/');
  const version = isIP(address);
  const longest = version === 4 ? 32 : 128;
  const length = prefix === undefined ? longest : Number(prefix);
  if (version === 0 || rest.length > 0 || !/^\d*$/.test(prefix ?? '') || prefix === '' || length > longest) {
    throw new UsageError(`"${network}" is not a network`, 'write an address or a range, like 10.0.0.0/8 or ::1');
  }
  list.addSubnet(address, length, version === 4 ? 'ipv4' : 'ipv6');
}

function isListed(list: BlockList, peer: string): boolean {
  const address = plainAddress(peer);
  const version = isIP(address);
  return version !== 0 && list.check(address, version === 4 ? 'ipv4' : 'ipv6');
}
