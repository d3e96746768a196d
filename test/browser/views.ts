import { type BrowserClaim, content, row, same, seen } from './browser-claim.ts';
import { site, type Stage, startStage, type WatchedPage } from './stage.ts';

/** A claim about one view, with a stage of its own that nothing may go wrong on. */
function view(
  claim: string,
  prepare: (stage: Stage) => Promise<string>,
  look: (watched: WatchedPage, stage: Stage) => Promise<void>,
  flags: readonly string[] = [],
): BrowserClaim {
  return {
    claim,
    async run(browser) {
      const stage = await startStage(browser, flags);
      try {
        const watched = await stage.open(await prepare(stage));
        await look(watched, stage);
        content(watched.faults, '400 (Bad Request)');
      } finally {
        await stage.close();
      }
    },
  };
}

async function askAll(stage: Stage, targets: readonly string[]): Promise<void> {
  for (const target of targets) await stage.ask(target);
}

export const views: readonly BrowserClaim[] = [
  view(
    'the overview shows figures, memory and why misses missed, as they come',
    async (stage) => {
      await askAll(stage, ['/a', '/a', '/a', '/login', '/login', '/price']);
      return '';
    },
    async ({ page }, stage) => {
      await seen(page, /^6 in \d+ s$/);
      await seen(page, '33.3 % since the start');
      await seen(page, /of 16 MiB/);
      await seen(row(page, 'fwd=uri-miss; detail=set-cookie'), 'It sets a cookie and was not said to be for all.');
      await seen(row(page, 'fwd=uri-miss; detail=set-cookie'), '50.0 %');
      await stage.ask('/a');
      await seen(page, /^7 in \d+ s$/);
      await page.getByRole('button', { name: 'Pause' }).click();
      await page.getByRole('status').getByText('Paused').waitFor();
      await page.getByRole('button', { name: 'Pause' }).click();
      await page.getByRole('status').getByText('Live').waitFor();
    },
  ),
  view(
    'the overview tells of workers what each has done, and of the shelf that they share',
    async (stage) => {
      await askAll(stage, ['/a', '/a', '/a']);
      return '';
    },
    async ({ page }) => {
      const workers = page.getByRole('table', { name: 'Workers' });
      await seen(workers, 'told in time');
      same(await workers.locator('tbody tr').count(), 2, 'rows');
      await seen(page, '0 ended unasked since the start');
      await page.getByRole('heading', { name: 'Disk' }).waitFor();
    },
    ['--workers', '2'],
  ),
  view(
    'a chart is read second by second with the arrow keys',
    async (stage) => {
      await askAll(stage, ['/a', '/a']);
      return '';
    },
    async ({ page }) => {
      const chart = page.getByRole('slider', { name: 'Requests a second, second by second' });
      await page.locator('[role=slider][aria-valuetext*="hits "]').first().waitFor();
      await chart.focus();
      await page.keyboard.press('Home');
      same(await chart.getAttribute('aria-valuenow'), '-118', 'the first second');
      await page.keyboard.press('ArrowRight');
      same(await chart.getAttribute('aria-valuenow'), '-117', 'the second after it');
      await page.keyboard.press('End');
      same(await chart.getAttribute('aria-valuenow'), '0', 'the last second');
    },
  ),
  view(
    'the top URLs are ordered by requests, bytes and misses, and lead to the other views',
    async (stage) => {
      await askAll(stage, ['/a', '/a', '/a', '/login', '/login', `/${'long/'.repeat(40)}`]);
      return '#top';
    },
    async ({ page }) => {
      const first = page.locator('tbody tr').first();
      await first.getByText(`http://${site}/a`).waitFor();
      await page.getByLabel('Misses').check();
      await first.getByText(`http://${site}/login`).waitFor();
      await first.getByText('set-cookie').waitFor();
      await page.getByLabel('Bytes').check();
      await first.getByText('/long/').waitFor();
      await first.getByRole('link', { name: 'Stored' }).click();
      await seen(page, 'Page 1: 1 stored response, and no more.');
      await page.goBack();
      await row(page, '/login').getByRole('link', { name: 'Explain' }).click();
      await seen(page, /nothing is stored under this URI/);
      await seen(page, 'It sets a cookie and was not said to be for all.');
      await seen(page, 'What would make it a hit');
      await seen(page, 'What the origin answered');
    },
  ),
  view(
    'the links of a top URL lead to that URL alone, and one of which something is left out has none',
    async (stage) => {
      await askAll(stage, ['/a', '/a/b', '/a?x=1', '/b?token=t0p', `/${'c'.repeat(1_100)}`]);
      return '#top';
    },
    async ({ page }) => {
      const redacted = row(page, '/b?token=');
      await seen(redacted, 'A secret is left out of its URL.');
      await seen(row(page, 'ccc'), /^Shortened here/);
      same(await redacted.getByRole('link').count(), 0, 'links of what is redacted');
      same(await row(page, 'ccc').getByRole('link').count(), 0, 'links of what is shortened');
      const exact = page.getByText(`http://${site}/a`, { exact: true });
      await page.locator('tbody tr').filter({ has: exact }).getByRole('link', { name: 'Stored' }).click();
      await seen(page, 'Page 1: 1 stored response, and no more.');
    },
  ),
  view(
    'no address of the page has a credential in it',
    async (stage) => {
      await stage.ask('/basket', { cookie: 'session=t0p-secret' });
      return '#shelf';
    },
    async ({ page }) => {
      await page.getByRole('button', { name: '/basket' }).click();
      await page.getByRole('link', { name: 'Explain a request without its credentials' }).click();
      await page.getByRole('heading', { name: 'Explain a request' }).waitFor();
      same((await page.evaluate(() => location.hash)).includes('t0p-secret'), false, 'a secret in the address');
    },
  ),
  view(
    'the shelf is searched by URL and tag, and turned page by page',
    async (stage) => {
      await askAll(
        stage,
        Array.from({ length: 60 }, (_, i) => `/page/${i}`),
      );
      await stage.ask('/greeting', { 'accept-language': 'fr' });
      return '#shelf';
    },
    async ({ page }) => {
      await seen(page, 'Page 1: 50 stored responses; there are more.');
      await page.getByRole('button', { name: 'Next page' }).click();
      await seen(page, 'Page 2: 11 stored responses, and no more.');
      await page.getByRole('button', { name: 'Page before' }).click();
      await seen(page, 'Page 1: 50 stored responses; there are more.');
      await page.getByLabel('URL', { exact: true }).fill('*/page/1*');
      await page.getByRole('button', { name: 'Search' }).click();
      await seen(page, 'Page 1: 11 stored responses, and no more.');
      await page.getByLabel('URL', { exact: true }).fill('');
      await page.getByLabel('Tag', { exact: true }).fill('news');
      await page.getByRole('button', { name: 'Search' }).click();
      await seen(row(page, '/greeting'), 'accept-language: fr');
      await page.getByRole('button', { name: '/greeting' }).click();
      await seen(page.getByRole('group', { name: /^More about/ }), 'max-age=3600');
      await page.getByRole('link', { name: 'Purge this one' }).click();
      await seen(page, 'This would match 1 stored response:');
    },
  ),
  view(
    'explain says what decided, and what would make it a hit',
    async (stage) => {
      await stage.ask('/greeting', { 'accept-language': 'fr' });
      return '#explain';
    },
    async ({ page }) => {
      await page.getByLabel('URL', { exact: true }).fill(`http://${site}/greeting`);
      await page.getByLabel('Request fields').fill('Accept-Language: it');
      await page.getByRole('button', { name: 'Explain' }).click();
      await seen(page, 'Not a hit: what is stored was made for other request fields.');
      await seen(page, 'RFC 9111 §4.1');
      await seen(page, 'stored for “fr”, asked with “it”');
      await seen(page, 'What would make it a hit');
      await seen(page, 'warning: validator-missing');
      await page.getByLabel('Request fields').fill('Accept-Language: fr');
      await page.getByRole('button', { name: 'Explain' }).click();
      await seen(page, /^A hit: it is fresh for another \d+ s\.$/);
      await page.getByLabel('Request fields').fill('no field at all');
      await page.getByRole('button', { name: 'Explain' }).click();
      await seen(page, /must be like Accept: text\/html/);
    },
  ),
];
