/** The page with that text at the place of that name, instead of what was there. @throws RangeError where it has no such place. */
export function withMarked(page: string, name: string, text: string): string {
  const { begin, end } = marksOf(name);
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new RangeError(`the page has no place for ${name}`);
  return `${page.slice(0, from)}${begin}\n\n${text}\n\n${page.slice(to)}`;
}

/** Whether it has a place of that name. */
export function hasPlaceFor(page: string, name: string): boolean {
  const { begin, end } = marksOf(name);
  return page.indexOf(begin) >= 0 && page.indexOf(end) > page.indexOf(begin);
}

/** What is between them is written by the bench; all else of a page is written by hand. */
function marksOf(name: string): { readonly begin: string; readonly end: string } {
  return { begin: `<!-- From npm run bench, ${name}: begin -->`, end: `<!-- From npm run bench, ${name}: end -->` };
}
