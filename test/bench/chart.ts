/** One bar. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Drawn so that it is found at once. */
  readonly own: boolean;
}

const width = 720;
const labelWidth = 150;
const valueWidth = 80;
const rowHeight = 34;
const top = 48;

/** Horizontal bars with their values, as SVG. The colours can be read on white and on black, as an image does not know what it stands on. */
export function barChart(title: string, bars: readonly Bar[]): string {
  const longest = Math.max(...bars.map(({ value }) => value));
  const scale = (width - labelWidth - valueWidth) / longest;
  const height = top + bars.length * rowHeight + 8;
  const rows = bars.map(({ name, value, own }, index) => {
    const y = top + index * rowHeight;
    const length = (value * scale).toFixed(1);
    const end = (labelWidth + value * scale + 8).toFixed(1);
    return [
      `  <text x="${labelWidth - 10}" y="${y + 18}" text-anchor="end"${own ? ' font-weight="bold"' : ''}>${escaped(name)}</text>`,
      `  <rect x="${labelWidth}" y="${y + 2}" width="${length}" height="22" rx="3" fill="${own ? '#2f81f7' : '#9aa4af'}"/>`,
      `  <text x="${end}" y="${y + 18}">${value.toFixed(1)}</text>`,
    ].join('\n');
  });
  const frame = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${frame} role="img" aria-label="${escaped(title)}" font-family="sans-serif" font-size="15" fill="#7d8590">
  <text x="${labelWidth}" y="26" font-weight="bold">${escaped(title)}</text>
${rows.join('\n')}
</svg>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
