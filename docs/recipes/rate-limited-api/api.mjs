// An API to try this with: QUOTA (10) requests a minute, then 429. It fails while there is a file named "down".
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';

const quota = Number(process.env.QUOTA ?? 10);
let minute = 0;
let asked = 0;

createServer((request, response) => {
  const now = Math.floor(Date.now() / 60_000);
  if (now !== minute) [minute, asked] = [now, 0];
  asked += 1;
  console.log(`${asked}/${quota} ${request.method} ${request.url} ${request.headers['x-api-key'] ?? 'no key'}`);
  if (existsSync('down')) return response.writeHead(503).end();
  if (asked > quota) return response.writeHead(429, { 'Retry-After': '60' }).end();
  if (request.url.startsWith('/weather/')) response.setHeader('Cache-Control', 'max-age=0');
  response.setHeader('Content-Type', 'application/json');
  setTimeout(() => response.end(JSON.stringify({ path: request.url, at: new Date().toISOString() })), 300);
}).listen(4000, '127.0.0.1');
