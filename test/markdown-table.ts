/** A table in Markdown. Any text may stand in a cell: one with lines of its own is written in one. */
export function markdownTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  return [tableLine(heads), `|${'---|'.repeat(heads.length)}`, ...rows.map(tableLine)].join('\n');
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.map(cellText).join(' | ')} |`;
}

function cellText(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
}
