import { type BrowserClaim, content, row, same, seen } from './browser-claim.ts';
import { markup } from './origin.ts';
import { site, startStage } from './stage.ts';

/** What clients and origins send is text, in every view that shows any of it. */
export const hostile: BrowserClaim = {
  claim: 'markup in what clients and origins send is shown as text',
  async run(browser) {
    const stage = await startStage(browser);
    try {
      await stage.ask('/markup', { 'x-kind': markup });
      const { page, faults } = await stage.open('#shelf');
      await seen(row(page, '/markup'), `x-kind: ${markup}`);
      await page.getByRole('button', { name: '/markup' }).click();
      const more = page.getByRole('group', { name: /^More about/ });
      await seen(more, `x-note: ${markup}`);
      await seen(more, '<script>alert(2)</script>');
      await page.getByRole('link', { name: 'Explain a request for it' }).click();
      await seen(page, `“${markup}”`);
      await page.goto(`${stage.adminUrl}/#purge?tag=${encodeURIComponent('<script>alert(2)</script>')}`);
      await page.getByRole('button', { name: 'Purge 1 stored response' }).click();
      await seen(page, 'Soft purge of tag <script>alert(2)</script>');
      await page.goto(`${stage.adminUrl}/#explain?url=${encodeURIComponent(markup)}`);
      await page.locator('#panel .fault').waitFor();
      // A target with these characters does not pass the gate: the API itself is made to say it.
      const url = `http://${site}/${markup}`;
      const rows = [{ url, requests: 1, hits: 0, misses: 1, bytes: 1, lastDetail: markup }];
      await page.route('**/v1/top?*', (route) => route.fulfill({ json: { rows } }));
      await page.goto(`${stage.adminUrl}/#top`);
      await seen(row(page, markup), url);
      await row(page, markup).getByRole('link', { name: 'Purge' }).click();
      same(await page.getByLabel('Which').inputValue(), url, 'the URL in the form');
      same(await page.locator('img, script:not([src])').count(), 0, 'elements that nobody made');
      content(faults, '400 (Bad Request)');
    } finally {
      await stage.close();
    }
  },
};
