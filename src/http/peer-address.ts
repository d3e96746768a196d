/** The address of a peer as others know it. A dual-stack socket shows an IPv4 peer as `::ffff:10.0.0.1`; a zone (`fe80::1%eth0`) means something on this machine only. */
export function plainAddress(peer: string): string {
  if (!peer.includes(':')) return peer;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(peer)?.[1];
  if (mapped !== undefined) return mapped;
  const zone = peer.indexOf('%');
  return zone < 0 ? peer : peer.slice(0, zone);
}

/** What one who has that address has all of: the address itself, but of IPv6 the first 64 bits (`2001:db8:0:1::/64`), as a host chooses the others by itself (RFC 4291 §2.5.1). */
export function networkOf(peer: string): string {
  const address = plainAddress(peer);
  if (!address.includes(':')) return address;
  const [left = '', right = ''] = address.split('::');
  const [before, after] = [groupsOf(left), groupsOf(right)];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`;
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':');
}
