import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { row, seen } from './browser-claim.ts';
import { site, type Stage, startStage } from './stage.ts';

const folder = fileURLToPath(new URL('../../docs/', import.meta.url));

/** As long as the charts are wide. */
const loadMs = 125_000;

/** A picture, by the name of its file in docs/. */
interface Picture {
  readonly name: string;
  readonly address: string;
  readonly options?: BrowserContextOptions;
  /** What to do, and to wait for, before it is taken. */
  readonly prepare: (page: Page) => Promise<void>;
}

const pictures: readonly Picture[] = [
  { name: 'overview', address: '', prepare: (page) => seen(page, /of all misses/i) },
  {
    name: 'overview-dark',
    address: '',
    options: { colorScheme: 'dark' },
    prepare: (page) => seen(page, /of all misses/i),
  },
  { name: 'top', address: '#top?by=misses', prepare: (page) => seen(page, `http://${site}/login`) },
  {
    name: 'shelf',
    address: '#shelf?match=greeting',
    prepare: (page) => row(page, 'fr').getByRole('button').click(),
  },
  {
    name: 'explain',
    address: `#explain?url=${encodeURIComponent(`http://${site}/greeting`)}&header=Accept-Language%3A+it`,
    prepare: (page) => seen(page, 'The key'),
  },
  {
    name: 'purge',
    address: '#purge?tag=page',
    async prepare(page) {
      await page.getByRole('button', { name: /^Purge \d+/ }).click();
      await seen(page, 'Soft purge of tag page');
      await page.getByLabel('Prefix of URLs').check();
      await page.getByLabel('Which').fill(`http://${site}/products/1`);
      await page.getByRole('button', { name: 'Preview' }).click();
      await seen(page, /^This would match/);
    },
  },
];

/** Two minutes of a small shop's traffic, then a picture of each view while it goes on. */
export async function takeScreenshots(browser: Browser): Promise<void> {
  const stage = await startStage(browser);
  const ending = new AbortController();
  const load = traffic(stage, ending.signal);
  try {
    const until = Date.now() + loadMs;
    while (Date.now() < until) await pause(1_000);
    for (const { name, address, options, prepare } of pictures) {
      const { page } = await stage.open(address, { viewport: { width: 1_200, height: 800 }, ...options });
      await prepare(page);
      await page.screenshot({ path: `${folder}admin-page-${name}.png`, fullPage: name !== 'top' });
    }
  } finally {
    ending.abort();
    await load;
    await stage.close();
  }
}

/** Some URLs are asked for much more than others, and the number of clients goes up and down. */
async function traffic(stage: Stage, ended: AbortSignal): Promise<void> {
  const special = ['/', '/greeting', '/login', '/price', '/account', '/greeting', '/broken'];
  for (let i = 0; !ended.aborted; i++) {
    const rank = Math.floor(400 * Math.random() ** 3);
    const target = special[rank] ?? `/products/${rank}`;
    const language = i % 2 === 0 ? 'en' : 'fr';
    await stage.ask(target, { 'accept-language': language });
    await pause(4 + 12 * (1 + Math.sin(i / 400)) * Math.random());
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
