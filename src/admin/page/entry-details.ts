import type { Entry } from '../../engine/operations.ts';
import { shownValue } from '../../http/shown-value.ts';
import { type Child, element } from './dom.ts';
import { addressOf } from './address.ts';

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
  const shown = Object.entries(variant).filter(([name, value]) => shownValue(name, value) === value);
  const header = shown.map(([name, value]) => `${name}: ${value}`).join('\n');
  const isWhole = shown.length === Object.keys(variant).length;
  const links = [
    // Addresses are kept by the browser: no credentials in them.
    [
      isWhole ? 'Explain a request for it' : 'Explain a request without its credentials',
      addressOf('explain', { url, header }),
    ],
    ['Purge this one', addressOf('purge', { entry: id })],
    ['Purge every variant', addressOf('purge', { url })],
  ] as const;
  return element('p', { class: 'links' }, ...links.map(([text, href]) => element('a', { href }, text)));
}
