import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserClaim, content, same, seen } from './browser-claim.ts';
import { startStage } from './stage.ts';

const token = 'a-token-for-the-browser-test';

const asked: BrowserClaim = {
  claim: 'a token is asked for where one is wanted, and is kept for this tab alone',
  async run(browser) {
    const folder = mkdtempSync(join(tmpdir(), 'etagere-token-'));
    const file = join(folder, 'token');
    writeFileSync(file, token);
    const stage = await startStage(browser, ['--admin-token-file', file]);
    try {
      const { page, faults } = await stage.open();
      const dialog = page.getByRole('dialog', { name: 'This admin API wants a token' });
      await dialog.getByLabel('Token', { exact: true }).fill('another-token-than-it-wants');
      await page.keyboard.press('Enter');
      await seen(dialog, 'That is another token than the one it wants.');
      await dialog.getByLabel('Token', { exact: true }).fill('a token …');
      await page.keyboard.press('Enter');
      await seen(dialog, /^No token has such characters/);
      await dialog.getByLabel('Token', { exact: true }).fill(token);
      await dialog.getByRole('button', { name: 'Use it' }).click();
      await seen(page, /^0 in \d+ s$/);
      await page.reload();
      await seen(page, /^0 in \d+ s$/);
      same(
        await page.evaluate(() => JSON.stringify(localStorage)),
        '{"etagere-theme":"system"}',
        'what is kept for long',
      );
      const another = await page.context().newPage();
      await another.goto(stage.adminUrl);
      await another.getByRole('dialog').waitFor();
      await another.keyboard.press('Escape');
      await seen(another.getByRole('status'), /The API wants a token: reload this page to give it/);
      same(await another.getByRole('dialog').count(), 0, 'dialogs after the user would not say it');
      content(faults, '401 (Unauthorized)');
    } finally {
      await stage.close();
      rmSync(folder, { recursive: true });
    }
  },
};

const lost: BrowserClaim = {
  claim: 'the page says when Etagere no longer answers',
  async run(browser) {
    const stage = await startStage(browser);
    try {
      const { page } = await stage.open();
      await seen(page, 'Live');
      await stage.stopEtagere();
      await seen(page.getByRole('status'), /^Etagere does not answer \(since [\d:]+\)$/);
    } finally {
      await stage.close();
    }
  },
};

const mended: BrowserClaim = {
  claim: 'a view that is opened while all is paused comes as soon as Etagere answers again',
  async run(browser) {
    const stage = await startStage(browser);
    try {
      const { page } = await stage.open();
      await seen(page, 'Live');
      await page.getByRole('button', { name: 'Pause' }).click();
      const answers = ['abort', 'breaks off'];
      await page.route('**/v1/top?*', async (route) => {
        const answer = answers.shift();
        if (answer === 'abort') await route.abort();
        else if (answer === undefined) await route.continue();
        else await route.fulfill({ status: 200, contentType: 'application/json', body: '{"rows":[' });
      });
      await page.getByRole('tab', { name: 'Top URLs' }).click();
      await seen(page.getByRole('status'), /^Etagere does not answer \(since/);
      await seen(page.getByRole('status'), /^The answer broke off \(since/);
      await seen(page.getByRole('status'), 'Paused');
      await seen(page, 'No requests so far.');
    } finally {
      await stage.close();
    }
  },
};

export const access: readonly BrowserClaim[] = [asked, lost, mended];
