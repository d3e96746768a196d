import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { PageFiles } from '../../../src/admin/page-files.ts';
import { type Fields, fieldsOf, noFields } from '../../../src/http/fields.ts';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A page in a folder of its own. */
function page(files: Readonly<Record<string, string>>): PageFiles {
  const folder = mkdtempSync(join(tmpdir(), 'etagere-page-'));
  folders.push(folder);
  mkdirSync(join(folder, 'assets'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return new PageFiles(pathToFileURL(`${folder}/`));
}

function replyTo(files: PageFiles, path: string, fields: Fields = noFields): ReturnType<PageFiles['reply']> {
  const file = files.find(path);
  if (file === undefined) throw new Error(`there is no ${path}`);
  return files.reply(file, fields);
}

describe('PageFiles', () => {
  const made = {
    'index.html': '<!doctype html>',
    'other.html': 'not for the browser',
    'assets/app.1f2e3d4c.js': 'import',
    'assets/style.css': 'a{}',
    'assets/app.ts': 'source',
    'assets/app.js.map': '{}',
  };

  it('has the page at / and its assets, and nothing that is no part of a page', () => {
    expect(page(made).paths).toEqual(['/', '/assets/app.1f2e3d4c.js', '/assets/style.css']);
  });

  it('has nothing where there is no page', () => {
    expect(new PageFiles(new URL('file:///there/is/no/page/')).paths).toEqual([]);
  });

  it.each(['/index.html', '/assets/', '/assets/../index.html', '/assets/%61pp.1f2e3d4c.js', '//'])(
    'has nothing at %s',
    (path) => {
      expect(page(made).find(path)).toBeUndefined();
    },
  );

  it('says of each what it is, to a browser that guesses nothing', () => {
    const files = page(made);
    expect(replyTo(files, '/').fields).toContainEqual(['content-type', 'text/html; charset=utf-8']);
    expect(replyTo(files, '/assets/style.css').fields).toContainEqual(['content-type', 'text/css; charset=utf-8']);
    expect(replyTo(files, '/assets/style.css').content.toString()).toBe('a{}');
  });

  it('lets the page load what is served here and nothing else, run no script inside it, and be in no frame', () => {
    const policy = replyTo(page(made), '/').fields.find(([name]) => name === 'content-security-policy')?.[1] ?? '';
    expect(policy.split('; ')).toEqual(
      expect.arrayContaining(["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]),
    );
    expect(policy).not.toContain('unsafe');
  });

  it('is kept for ever under a name with a digest, and asked for again under any other', () => {
    const files = page(made);
    expect(replyTo(files, '/assets/app.1f2e3d4c.js').fields).toContainEqual([
      'cache-control',
      'public, max-age=31536000, immutable',
    ]);
    for (const path of ['/', '/assets/style.css']) {
      expect(replyTo(files, path).fields).toContainEqual(['cache-control', 'no-cache']);
    }
  });

  it('answers 304 to who has it already', () => {
    const files = page(made);
    const tag = replyTo(files, '/').fields.find(([name]) => name === 'etag')?.[1] ?? '';
    expect(replyTo(files, '/', fieldsOf(['if-none-match', `"x", W/${tag}`])).status).toBe(304);
    expect(replyTo(files, '/', fieldsOf(['if-none-match', '"x"'])).status).toBe(200);
  });
});
