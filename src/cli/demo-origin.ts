import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** The origin of the demo. */
export interface DemoOrigin {
  readonly url: string;
  close(): Promise<void>;
}

export interface DemoOriginOptions {
  /** Between two lines of `/slow`. */
  readonly lineDelayMs: number;
  readonly now: () => Date;
}

/** One page: what it shows, and how it answers. */
interface Page {
  readonly path: string;
  /** What to see when it is asked through the cache. */
  readonly shows: string;
  /** More arguments for curl. */
  readonly curl?: string;
  readonly answer: (request: IncomingMessage, response: ServerResponse) => void;
}

const greetings: ReadonlyMap<string, string> = new Map([
  ['en', 'Good day'],
  ['fr', 'Bonjour'],
  ['de', 'Guten Tag'],
]);

const slowLines = 10;

/** Starts a small origin on a free port of the loopback address, with a page for each thing that a cache does. */
export async function startDemoOrigin(options: DemoOriginOptions): Promise<DemoOrigin> {
  const pages = new Map(demoPages(options).map((page) => [page.path, page]));
  const server = createServer((request, response) => {
    const page = pages.get((request.url ?? '/').split('?')[0] ?? '/');
    if (page === undefined) text(response, 404, 'There is no such page; / lists them.');
    else page.answer(request, response);
  });
  return { url: await listening(server), close: () => closed(server) };
}

/** What to try at the proxy with that URL: one curl command a line. */
export function thingsToTry(proxyUrl: string): string {
  return demoPages({ lineDelayMs: 0, now: () => new Date(0) })
    .map(
      (page) =>
        `  curl -si ${page.curl === undefined ? '' : `${page.curl} `}${proxyUrl}${page.path}\n      ${page.shows}\n`,
    )
    .join('');
}

function demoPages(options: DemoOriginOptions): readonly Page[] {
  let flakyAsked = 0;
  return [
    {
      path: '/',
      shows: 'a list of the pages, fresh for a minute',
      answer: (_, response) => text(response, 200, thingsToTry(''), { 'cache-control': 'max-age=60' }),
    },
    {
      path: '/time',
      shows: 'fresh for 10 seconds; then validated with its ETag (fwd-status=304) until the minute is over',
      answer: (request, response) => answerTime(request, response, options.now()),
    },
    {
      path: '/slow',
      curl: '-N',
      shows:
        'ten lines, one each 200 ms; ask twice at once: the origin is asked once, and both see each line as it comes',
      answer: (_, response) => answerSlowly(response, options.lineDelayMs),
    },
    {
      path: '/flaky',
      shows:
        'fresh for 2 seconds, and every other time the origin answers 503: then the stored response is served stale',
      answer: (_, response) => answerFlakily(response, flakyAsked++),
    },
    {
      path: '/cookie',
      shows: 'sets a cookie: never shared, although it says max-age=60; Cache-Status tells why',
      answer: (_, response) => {
        text(response, 200, 'This is yours only.', { 'cache-control': 'max-age=60', 'set-cookie': 'visitor=1' });
      },
    },
    {
      path: '/vary',
      curl: "-H 'Accept-Language: fr'",
      shows: 'one stored response for each language (en, fr, de), as Vary says',
      answer: answerInLanguage,
    },
  ];
}

/** The same content, and so the same entity-tag, for a minute: a validation is answered 304 (RFC 9110 §13.1.2). */
function answerTime(request: IncomingMessage, response: ServerResponse, now: Date): void {
  const minute = now.toISOString().slice(0, 16);
  const fields = { 'cache-control': 'max-age=10', etag: `"${minute}"` };
  if (request.headers['if-none-match'] === fields.etag) response.writeHead(304, fields).end();
  else text(response, 200, `It is ${minute.replace('T', ', ')} UTC.`, fields);
}

function answerSlowly(response: ServerResponse, lineDelayMs: number): void {
  response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'max-age=30' });
  let line = 0;
  const timer = setInterval(() => {
    line += 1;
    response.write(`line ${line} of ${slowLines}\n`);
    if (line === slowLines) response.end();
  }, lineDelayMs);
  response.on('close', () => clearInterval(timer));
}

function answerFlakily(response: ServerResponse, asked: number): void {
  if (asked % 2 === 1) text(response, 503, 'The origin is having a bad moment.');
  else text(response, 200, 'The origin is well.', { 'cache-control': 'max-age=2, stale-if-error=60' });
}

function answerInLanguage(request: IncomingMessage, response: ServerResponse): void {
  const asked = request.headers['accept-language']?.slice(0, 2) ?? 'en';
  const language = greetings.has(asked) ? asked : 'en';
  text(response, 200, `${greetings.get(language)}!`, {
    'cache-control': 'max-age=60',
    'content-language': language,
    vary: 'Accept-Language',
  });
}

function text(response: ServerResponse, status: number, line: string, fields: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'text/plain', ...fields }).end(`${line}\n`);
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return `http://127.0.0.1:${address.port}`;
}

async function closed(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
