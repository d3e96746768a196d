import { describe, expect, it } from 'vitest';
import { bundledPage } from '../../../../build/page-bundle.ts';

const files = await bundledPage();
const all = [...files.values()].join('\n');
const html = files.get('index.html') ?? '';

describe('the page as it is built', () => {
  it('weighs less than 100 KiB in all', () => {
    expect(files.size).toBe(3);
    expect(Buffer.byteLength(all)).toBeGreaterThan(10_000);
    expect(Buffer.byteLength(all)).toBeLessThan(100 * 2 ** 10);
  });

  it.each([
    'innerHTML',
    'outerHTML',
    'insertAdjacentHTML',
    'setHTML',
    'document.write',
    'DOMParser',
    'createContextualFragment',
    'srcdoc',
    'eval(',
    'Function(',
    'javascript:',
  ])('has no %s, by which text could become markup or code', (way) => {
    expect(all.includes(way)).toBe(false);
  });

  it('names no other host', () => {
    const hosts = [...all.matchAll(/\bhttps?:\/\/[^\s"'`)]+/g)].map(([url]) => new URL(url).hostname);
    expect(new Set(hosts)).toEqual(new Set(['www.w3.org', 'www.example.com']));
  });

  it('has nothing in its document that the Content-Security-Policy would have to allow', () => {
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/i);
  });

  it('loads what is there, by names that say which', () => {
    const loaded = [...html.matchAll(/(?:src|href)="(assets\/[^"]+)"/g)].map(([, path = '']) => path);
    expect(loaded.toSorted()).toEqual([...files.keys()].filter((path) => path !== 'index.html').toSorted());
    expect(loaded.join()).toMatch(/^assets\/page\.[0-9a-f]{12}\.css,assets\/page\.[0-9a-f]{12}\.js$/);
  });
});
