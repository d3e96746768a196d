import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fieldValue, type Fields, listMembers } from '../http/fields.ts';
import type { WholeReply } from './reply.ts';

/** The files that a page may consist of; any other file beside them is not served. */
const contentTypes: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  svg: 'image/svg+xml',
  png: 'image/png',
  ico: 'image/x-icon',
  woff2: 'font/woff2',
};

/**
 * What a page may do: load what is served here, ask this listener, and nothing else. No script inside the page, no text that becomes markup, no frame of anybody's
 * around it.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/** One file of the page. */
export interface PageFile {
  readonly content: Buffer;
  readonly contentType: string;
  readonly entityTag: string;
  /** Its name holds a digest of its content (`app.1f2e3d4c.js`): under that name there will never be another. */
  readonly immutable: boolean;
}

/** The web page, read once: a folder with `index.html`, and `assets/` beside it. Without the folder there is no page. */
export class PageFiles {
  readonly #files: ReadonlyMap<string, PageFile>;

  constructor(folder: URL) {
    const assets = filesIn(new URL('assets/', folder)).map(([name, file]) => [`/assets/${name}`, file] as const);
    const page = filesIn(folder).find(([name]) => name === 'index.html');
    this.#files = new Map(page === undefined ? assets : [['/', page[1]], ...assets]);
  }

  /** The paths under which there is a file. */
  get paths(): readonly string[] {
    return [...this.#files.keys()];
  }

  /** The file at a path. */
  find(path: string): PageFile | undefined {
    return this.#files.get(path);
  }

  /** The answer to a request with these fields for that file. */
  reply({ content, contentType, entityTag, immutable }: PageFile, fields: Fields): WholeReply {
    const caching = [
      ['cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache'],
      ['etag', entityTag],
    ] as const;
    const held = listMembers(fieldValue(fields, 'if-none-match') ?? '');
    if (held.some((tag) => tag === '*' || tag.replace(/^W\//, '') === entityTag)) {
      return { status: 304, fields: caching, content: Buffer.alloc(0) };
    }
    const guards = [
      ['content-security-policy', contentSecurityPolicy],
      ['cross-origin-opener-policy', 'same-origin'],
      ['x-frame-options', 'DENY'],
    ] as const;
    return { status: 200, fields: [['content-type', contentType], ...caching, ...guards], content };
  }
}

function filesIn(folder: URL): [name: string, file: PageFile][] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name): [string, PageFile][] => {
    const contentType = contentTypes[name.slice(name.lastIndexOf('.') + 1)];
    if (contentType === undefined) return [];
    const content = readFileSync(new URL(encodeURIComponent(name), folder));
    const entityTag = `"${createHash('sha256').update(content).digest('hex').slice(0, 16)}"`;
    return [[name, { content, contentType, entityTag, immutable: /\.[0-9a-f]{8,}\.\w+$/.test(name) }]];
  });
}
