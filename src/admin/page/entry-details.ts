import type { Entry } from '../../engine/operations.ts';
import { shownValue } from '../../http/shown-value.ts';
import { type Child, element } from './dom.ts';
import { addressOf } from './address.ts';
import { missingOf } from './whole-url.ts';

/** All of a stored response but its content, and what can be done with it. */
export function entryDetails(entry: Entry): HTMLElement {
  const { url, variant, tags, fields } = entry;
  const parts: Child[] = [linksOf(entry)];
  if (tags.length > 0) parts.push(element('h3', {}, 'Tags'), tagList(tags));
  const nominated = Object.entries(variant);
  if (nominated.length > 0) parts.push(element('h3', {}, 'Stored for requests with'), fieldList(nominated));
  parts.push(element('h3', {}, 'Fields of the response'), fieldList(fields));
  return element('div', { class: 'details', 'aria-label': `More about ${url}`, role: 'group' }, ...parts);
}

/** Fields as they are written in a message. */
export function fieldList(fields: readonly (readonly [name: string, value: string])[]): HTMLElement {
  const lines = fields.map(([name, value]) => element('li', {}, element('b', {}, `${name}:`), ` ${value}`));
  return element('ul', { class: 'fields' }, ...lines);
}

function tagList(tags: readonly string[]): HTMLElement {
  const items = tags.map((tag) => element('li', {}, element('a', { href: addressOf('shelf', { tag }) }, tag)));
  return element('ul', { class: 'tags' }, ...items);
}

function linksOf({ id, url, variant }: Entry): HTMLElement {
  const missing = missingOf(url);
  const links = [
    ...(missing === undefined ? [explainLink(url, variant)] : []),
    ['Purge this one', addressOf('purge', { entry: id })] as const,
    ...(missing === undefined ? [['Purge every variant', addressOf('purge', { url })] as const] : []),
  ];
  const hint = missing === undefined ? [] : [element('span', { class: 'hint' }, missing)];
  return element('p', { class: 'links' }, ...links.map(([text, href]) => element('a', { href }, text)), ...hint);
}

/** Browsers keep addresses, and credentials of entries are not shown as they are: none of them are in it. */
function explainLink(url: string, variant: Entry['variant']): readonly [text: string, href: string] {
  const all = Object.entries(variant);
  const open = all.filter(([name]) => shownValue(name, 'any') === 'any');
  const header = open.map(([name, value]) => `${name}: ${value}`).join('\n');
  const text = open.length === all.length ? 'Explain a request for it' : 'Explain a request without its credentials';
  return [text, addressOf('explain', { url, header })];
}
