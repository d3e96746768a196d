/** PURE: in which of the parts of a cluster a key is, as the cluster specification of Redis says. */
export const slotCount = 16_384;

/** The part that a key is in: that of what stands between its first braces, where there is something. */
export function slotOf(key: string): number {
  const start = key.indexOf('{');
  const end = start < 0 ? -1 : key.indexOf('}', start);
  const hashed = end > start + 1 ? key.slice(start + 1, end) : key;
  let crc = 0;
  for (let at = 0; at < hashed.length; at++) {
    crc = ((crc << 8) & 0xffff) ^ (crc16[(crc >> 8) ^ hashed.charCodeAt(at)] ?? 0);
  }
  return crc % slotCount;
}

/** CRC-16/XMODEM, for one byte. */
const crc16 = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : crc << 1;
  return crc;
});

/** Which server has a run of slots. */
export interface SlotRange {
  readonly first: number;
  readonly last: number;
  /** Empty where it is the one that was asked. */
  readonly host: string;
  readonly port: number;
}

/** The reply to `CLUSTER SLOTS`, as far as it makes sense. */
export function slotRangesOf(reply: unknown): SlotRange[] {
  if (!Array.isArray(reply)) return [];
  return reply.flatMap((range: unknown) => {
    if (!Array.isArray(range) || !Array.isArray(range[2])) return [];
    const [first, last, [host, port]] = range as [unknown, unknown, unknown[]];
    if (!isSlot(first) || !isSlot(last) || !isPort(port)) return [];
    return [{ first, last, host: host instanceof Uint8Array ? host.toString() : '', port }];
  });
}

function isSlot(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < slotCount;
}

function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536;
}

/** Where a refusal (`MOVED 3999 127.0.0.1:6381`, `ASK …`) says that the key is. */
export function redirectionOf(message: string): { slot: number; host: string; port: number } | undefined {
  const [, slot, host = '', port] = /^(?:MOVED|ASK) (\d{1,5}) ([^ ]*):(\d{1,5})$/.exec(message) ?? [];
  const found = { slot: Number(slot), host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
  return isSlot(found.slot) && isPort(found.port) ? found : undefined;
}
