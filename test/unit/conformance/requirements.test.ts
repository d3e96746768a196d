import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { citations, citationsIn, related } from './citations.ts';
import { read, type Requirement, requirements } from './page.ts';

const rows = requirements();
const rfcs = [...new Set(rows.map(({ rfc }) => rfc))];

/**
 * How many BCP 14 keywords each section of RFC 9111 has, counted from its text. Not counted: §1.1, which defines them, and one in each of
 * §5.2.1.5 and §5.2.2.5, where "MUST NOT store" is quoted to say what it means.
 */
const keywordsOfRfc9111: readonly (readonly [section: string, keywords: number])[] = [
  ['1.2.2', 1],
  ['3', 1],
  ['3.1', 3],
  ['3.2', 2],
  ['3.3', 3],
  ['3.4', 1],
  ['3.5', 1],
  ['4', 5],
  ['4.1', 2],
  ['4.2', 4],
  ['4.2.2', 1],
  ['4.2.3', 1],
  ['4.2.4', 2],
  ['4.3.1', 2],
  ['4.3.2', 5],
  ['4.3.3', 1],
  ['4.3.4', 2],
  ['4.3.5', 4],
  ['4.4', 2],
  ['5.1', 2],
  ['5.2', 1],
  ['5.2.1.1', 1],
  ['5.2.1.2', 1],
  ['5.2.1.3', 1],
  ['5.2.1.5', 3],
  ['5.2.1.7', 1],
  ['5.2.2', 1],
  ['5.2.2.1', 1],
  ['5.2.2.2', 4],
  ['5.2.2.3', 2],
  ['5.2.2.4', 2],
  ['5.2.2.5', 4],
  ['5.2.2.6', 1],
  ['5.2.2.7', 3],
  ['5.2.2.8', 1],
  ['5.2.2.10', 2],
  ['5.2.3', 1],
  ['5.2.4', 1],
  ['5.3', 4],
];

/** Sections that src refers to and that ask nothing of a cache or a gateway, with what they are. */
const waivers: Readonly<Record<string, string>> = {
  'RFC 9110 §4.2.2': 'a definition: what https is',
  'RFC 9110 §4.2.3': 'which URIs are equivalent',
  'RFC 9110 §5.6.2': 'a definition: tokens',
  'RFC 9110 §5.6.3': 'a definition: white space, and how much of it a sender writes',
  'RFC 9110 §5.6.5': 'a definition: comments',
  'RFC 9110 §6.4.1': 'a definition: which messages have content',
  'RFC 9110 §7.2': 'asks something of user agents alone: Host',
  'RFC 9110 §8.4.1': 'definitions: content codings',
  'RFC 9110 §8.7': 'asks something of origin servers alone: Content-Location in requests',
  'RFC 9110 §8.8': 'definitions: validators; what to send asks something of origin servers alone',
  'RFC 9110 §8.8.1': 'asks something of origin servers alone: when a strong validator changes',
  'RFC 9110 §8.8.2.1': 'asks something of origin servers alone: the time in Last-Modified',
  'RFC 9110 §8.8.2.2': 'a definition: when Last-Modified is strong',
  'RFC 9110 §8.8.3': 'asks something of origin servers alone: which entity-tags are weak',
  'RFC 9110 §8.8.3.2': 'a definition: strong and weak comparison',
  'RFC 9110 §9.2.1': 'a definition: safe methods; asks something of user agents and owners of resources alone',
  'RFC 9110 §9.3.3': 'asks something of origin servers alone: answers to POST',
  'RFC 9110 §10.2.2': 'asks something of user agents alone: fragments of Location',
  'RFC 9110 §10.2.3': 'a definition: Retry-After',
  'RFC 9110 §12.4.2': 'asks something of who ranks by weights: their digits',
  'RFC 9110 §12.5': 'definitions: fields of content negotiation',
  'RFC 9110 §12.5.4': 'asks something of user agents alone: Accept-Language',
  'RFC 9110 §12.5.5': 'asks something of origin servers alone: what Vary has to name',
  'RFC 9110 §14.6': 'a definition: multipart/byteranges',
  'RFC 9110 §15.1': 'a definition: which statuses are heuristically cacheable',
  'RFC 9110 §17.15': 'a consideration: attacks with Range',
  'RFC 9111 §2': 'a definition: the cache key',
  'RFC 9111 §5.4': 'how Pragma was used',
  'RFC 9111 §7.1': 'a consideration: cache poisoning',
  'RFC 9111 §7.3': 'a consideration: caching of what is private',
  'RFC 9112 §9.8': 'what node:tls sees to: closure alerts',
  'RFC 9211 §6': 'security considerations: what the field tells whoever attacks',
};

const nameOf = ({ rfc, section, text }: Requirement): string => `${rfc} §${section}: ${text}`;
const kindOf = ({ status }: Requirement): string => status.replace(/:.*/, '');

/** What is wrong with a row, in words. */
function faultsOf({ keywords, decidedIn, proofs, status }: Requirement): string[] {
  const faults = proofs
    .filter((proof) => !exists(`${proof}.cache`) && !exists(`${proof}.ts`))
    .map((proof) => `there is no ${proof}`);
  if (keywords.length !== 1) faults.push(`${keywords.length} keywords`);
  if (!/^(?:met|(?:not applicable|exception): \S.*)$/.test(status)) faults.push(`no status: ${status}`);
  if (status === 'met' && (decidedIn === undefined || proofs.length === 0))
    faults.push('met, but where, and who says so?');
  if (decidedIn !== undefined && !declares(decidedIn.path, decidedIn.name))
    faults.push(`there is no ${decidedIn.name}`);
  return faults;
}

/** Whether a module exports this name, or a class in it has such a private member. */
function declares(path: string, name: string): boolean {
  const declaration = name.startsWith('#')
    ? String.raw`^ {2}(?:\w+ )*${name}\b`
    : String.raw`^export (?:async )?(?:function\*?|class|const) ${name}\b`;
  return exists(path) && new RegExp(declaration, 'm').test(read(path));
}

/** Whether a section has a row of its own, or one that holds it or lies in it has. */
function hasRow(rfc: string, section: string): boolean {
  return rows.some((row) => row.rfc === rfc && related(row.section, section));
}

function exists(path: string): boolean {
  return existsSync(new URL(`../../../${path}`, import.meta.url));
}

/** Orders `4.2` before `4.10`. */
function compareSections(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

describe('docs/conformance.md', () => {
  it('has one row for every keyword of RFC 9111, section by section in the order of the text', () => {
    const counted = new Map<string, number>();
    for (const { rfc, section } of rows) if (rfc === 'RFC 9111') counted.set(section, (counted.get(section) ?? 0) + 1);
    expect([...counted]).toEqual(keywordsOfRfc9111);
  });

  it.each(rfcs)('has the sections of %s in order', (rfc) => {
    const sections = rows.filter((row) => row.rfc === rfc).map(({ section }) => section);
    expect(sections).toEqual(sections.toSorted(compareSections));
  });

  it.each(rows.map((row) => [nameOf(row), row] as const))('%s', (_, row) => {
    expect(faultsOf(row)).toEqual([]);
  });

  it('sums itself up', () => {
    const sums = rfcs.map((rfc) => {
      const kinds = rows.filter((row) => row.rfc === rfc).map(kindOf);
      const count = (kind: string): number => kinds.filter((each) => each === kind).length;
      return `| ${rfc} | ${count('met')} | ${count('exception')} | ${count('not applicable')} |`;
    });
    expect(read('docs/conformance.md').match(/^\| [-\w ]+(?: \| \d+){3} \|$/gm)).toEqual(sums);
  });
});

describe('a section that src refers to', () => {
  const sections = citations().filter(({ rfc }) => rfcs.includes(rfc));
  it('has a row, or is known to ask nothing of us', () => {
    const unknown = sections.filter(({ rfc, section }) => !hasRow(rfc, section) && !(`${rfc} §${section}` in waivers));
    expect(unknown).toEqual([]);
  });

  it('is excused only where it is still referred to, and has no row', () => {
    const excused = sections
      .filter(({ rfc, section }) => !hasRow(rfc, section))
      .map(({ rfc, section }) => `${rfc} §${section}`);
    expect(Object.keys(waivers).toSorted()).toEqual([...new Set(excused)].toSorted());
  });

  it('is found wherever a comment breaks, and behind a comma', () => {
    expect(citationsIn('(RFC 9111\n * §4.2.1, §4.2.2) and RFC 9110 §5')).toEqual([
      { rfc: 'RFC 9111', section: '4.2.1' },
      { rfc: 'RFC 9111', section: '4.2.2' },
      { rfc: 'RFC 9110', section: '5' },
    ]);
  });

  it('is related to what holds it, and to nothing that only begins alike', () => {
    expect([related('4.2', '4.2.3'), related('4.2.3', '4.2'), related('4.2', '4.20')]).toEqual([true, true, false]);
  });
});
