import type { Page } from 'playwright-core';
import { type BrowserClaim, content, same, seen } from './browser-claim.ts';
import { site, startStage } from './stage.ts';

/** One purge as a user does it: choose, look, purge. */
async function purge(page: Page, kind: string, value: string | undefined, mode: 'Soft' | 'Hard'): Promise<void> {
  await page.getByLabel(kind, { exact: true }).check();
  if (value !== undefined) await page.getByLabel('Which').fill(value);
  await page.getByLabel(new RegExp(`^${mode}:`)).check();
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByRole('button', { name: /^Purge (\d+|one) stored/ }).click();
}

/** The figures of the latest receipt. */
async function receipt(page: Page, title: string): Promise<string> {
  const latest = page.locator('.receipts > li').first();
  await seen(latest, title);
  return (await latest.locator('dl > div').allTextContents()).slice(0, 4).join(', ');
}

/** Every kind of purge, each seen by the next request, too. */
export const purging: BrowserClaim = {
  claim: 'every kind of purge shows what matches, then its receipt, and does it',
  async run(browser) {
    const stage = await startStage(browser);
    try {
      for (const target of ['/a', '/b', '/page/1', '/page/2', '/greeting']) await stage.ask(target);
      const { page, faults } = await stage.open('#purge');
      await purge(page, 'URL, with every variant', `http://${site}/a`, 'Soft');
      const softly = await receipt(page, `Soft purge of url http://${site}/a`);
      same(softly, 'matched1, made stale1, removed0, fills doomed0', 'the receipt of a soft purge');
      same(await stage.ask('/a'), 'etagere; fwd=stale; stored', 'the next request');

      await purge(page, 'Prefix of URLs', `http://${site}/page/`, 'Hard');
      const hardly = await receipt(page, `Hard purge of prefix http://${site}/page/`);
      same(hardly, 'matched2, made stale0, removed2, fills doomed0', 'the receipt of a hard purge');
      same(await stage.ask('/page/1'), 'etagere; fwd=uri-miss; stored', 'the next request');

      await purge(page, 'Tag', 'news', 'Hard');
      same((await receipt(page, 'Hard purge of tag news')).slice(0, 8), 'matched1', 'what had the tag');
      await purge(page, 'Host', site, 'Soft');
      same((await receipt(page, `Soft purge of host ${site}`)).slice(0, 8), 'matched3', 'what the host had');
      await purge(page, 'Everything', undefined, 'Hard');
      same((await receipt(page, 'Hard purge of everything')).slice(0, 8), 'matched3', 'all that there was');
      same(await stage.ask('/b'), 'etagere; fwd=uri-miss; stored', 'the next request');

      await page.getByLabel('Host', { exact: true }).check();
      await page.getByLabel('Which').fill('no/host');
      same(await page.locator('.danger').isDisabled(), true, 'a purge without a preview');
      content(faults);
      await page.getByRole('button', { name: 'Preview' }).click();
      await page.locator('.preview .fault').waitFor();
    } finally {
      await stage.close();
    }
  },
};
