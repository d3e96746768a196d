/** A whole number with its thousands apart: `1,234`. */
export function count(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 0 });
}

/** So many of something, by its name: `1 hit`, `2 hits`. */
export function counted(value: number, name: string, names = `${name}s`): string {
  return `${count(value)} ${value === 1 ? name : names}`;
}

/** A number for a rate: one digit after the point below ten. */
export function rate(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 1 : 0 });
}

/** A part of one as `93.4 %`. Never `100 %` or `0 %` where it is not so. */
export function percent(part: number): string {
  const rounded = Math.round(part * 1_000) / 10;
  if (rounded === 100 && part < 1) return '99.9 %';
  if (rounded === 0 && part > 0) return '< 0.1 %';
  return rounded === 0 || rounded === 100 ? `${rounded} %` : `${rounded.toFixed(1)} %`;
}

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Bytes with three digits or so: `12.3 MiB`. */
export function bytes(value: number): string {
  const exponent = value < 1 ? 0 : Math.min(byteUnits.length - 1, Math.floor(Math.log2(value) / 10));
  const scaled = value / 2 ** (10 * exponent);
  const digits = exponent === 0 || scaled >= 100 ? 0 : scaled >= 10 ? 1 : 2;
  return `${scaled.toLocaleString('en', { maximumFractionDigits: digits })} ${byteUnits[exponent] ?? ''}`;
}

const spans = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** Seconds as a person says them, by their two largest units: `2 h 5 min`, `-3 s`. */
export function duration(seconds: number): string {
  let left = Math.floor(Math.abs(seconds));
  const sign = seconds < 0 && left > 0 ? '-' : '';
  const first = spans.findIndex(([, length]) => left >= length);
  if (first < 0) return '0 s';
  const parts = spans.slice(first, first + 2).flatMap(([unit, length]) => {
    const many = Math.floor(left / length);
    left -= many * length;
    return many === 0 ? [] : [`${many} ${unit}`];
  });
  return sign + parts.join(' ');
}

/** Milliseconds: `0.4 ms`, `12 ms`. */
export function milliseconds(value: number): string {
  return `${rate(value)} ms`;
}

/** The time of day of an instant, in the reader's own zone: `21:05:09`. */
export function timeOfDay(epochMs: number): string {
  return new Date(epochMs).toLocaleTimeString('en-GB');
}
