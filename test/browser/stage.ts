import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { freePort } from '../free-port.ts';
import { launchEtagere } from '../real/etagere-launch.ts';
import { startOrigin } from './origin.ts';

/** What clients ask for: the address of the proxy is none that anyone would want to read. */
export const site = 'shop.example';

/** How long something may take to be seen. */
const patienceMs = 15_000;

/** A page of the browser, and what went wrong in it. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors and warnings of the console (violations of the CSP are among them), faults of scripts, dialogs, and requests to other hosts. */
  readonly faults: readonly string[];
}

/** Etagere with its page, before an origin. */
export interface Stage {
  readonly adminUrl: string;
  /** Asks Etagere as a client of the site, and gives the Cache-Status of the answer. */
  ask(target: string, fields?: Readonly<Record<string, string>>): Promise<string>;
  /** A new browser window that has nothing kept, at that address of the page. */
  open(address?: string, options?: BrowserContextOptions): Promise<WatchedPage>;
  stopEtagere(): Promise<void>;
  close(): Promise<void>;
}

export async function startStage(browser: Browser, flags: readonly string[] = []): Promise<Stage> {
  const origin = await startOrigin();
  const port = await freePort();
  const adminUrl = `http://127.0.0.1:${port}`;
  const admin = ['--admin', `127.0.0.1:${port}`, '--log', 'off', '--memory', '16mb'];
  const etagere = await launchEtagere(origin.url, [...admin, ...flags]);
  let stopped: Promise<void> | undefined;
  const stopEtagere = (): Promise<void> => (stopped ??= etagere.stop());
  const contexts: { close(): Promise<void> }[] = [];
  return {
    adminUrl,
    ask: (target, fields = {}) => ask(etagere.url + target, fields),
    stopEtagere,
    async open(address = '', options = {}) {
      const context = await browser.newContext(options);
      contexts.push(context);
      context.setDefaultTimeout(patienceMs);
      // tsx has functions keep their names by this; those that run in the browser know nothing of it.
      await context.addInitScript('globalThis.__name = (named) => named');
      const page = await context.newPage();
      const faults = watch(page, adminUrl);
      await page.goto(`${adminUrl}/${address}`);
      return { page, faults };
    },
    async close() {
      for (const context of contexts) await context.close();
      await stopEtagere();
      await origin.close();
    },
  };
}

function watch(page: Page, adminUrl: string): readonly string[] {
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`script: ${error.message}`));
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${adminUrl}/`) && !url.startsWith('data:')) faults.push(`request: ${url}`);
  });
  return faults;
}

/** The target is sent as it is, which `fetch` would not do. */
async function ask(url: string, fields: Readonly<Record<string, string>>): Promise<string> {
  const { port } = new URL(url);
  const path = url.slice(url.indexOf('/', 'http://'.length));
  const headers = { host: site, ...fields };
  const [response] = (await once(get({ host: '127.0.0.1', port, path, headers }), 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return String(response.headers['cache-status']);
}
