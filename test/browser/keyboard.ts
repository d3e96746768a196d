import type { Page } from 'playwright-core';
import { type BrowserClaim, content, same, seen } from './browser-claim.ts';
import { startStage } from './stage.ts';

/** What has the focus, in words; and it has to be seen that it has. */
async function focused(page: Page): Promise<string> {
  const { text, outline } = await page.evaluate(() => {
    const at = document.activeElement;
    if (at === null) return { text: 'nothing', outline: 'none' };
    const label = at instanceof HTMLInputElement ? at.labels?.[0]?.textContent : at.textContent;
    return { text: label ?? '', outline: getComputedStyle(at).outlineStyle };
  });
  if (outline === 'none') throw new Error(`nobody sees that ${text} has the focus`);
  return text.trim();
}

/** Presses a key until that has the focus. */
async function pressUntil(page: Page, key: string, wanted: string): Promise<void> {
  const passed: string[] = [];
  for (let presses = 0; presses < 30; presses++) {
    await page.keyboard.press(key);
    const at = await focused(page);
    if (at.startsWith(wanted)) return;
    passed.push(at);
  }
  throw new Error(`${wanted} is not reached with ${key}, only ${passed.join(', ')}`);
}

export const keyboard: BrowserClaim = {
  claim: 'a purge is done with the keyboard alone, and it is always seen where the focus is',
  async run(browser) {
    const stage = await startStage(browser);
    try {
      await stage.ask('/a');
      const { page, faults } = await stage.open();
      await seen(page, /^1 in \d+ s$/);
      await page.keyboard.press('Tab');
      same(await focused(page), 'Skip to the content', 'the first stop');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      same(await page.evaluate(() => document.activeElement?.role), 'slider', 'the stop after skipping');
      await pressUntil(page, 'Shift+Tab', 'Overview');
      await page.keyboard.press('ArrowLeft');
      same(await focused(page), 'Purge', 'the tab at the other end');
      await page.keyboard.press('Tab');
      same(await focused(page), 'URL, with every variant', 'the first control of the view');
      await pressUntil(page, 'ArrowRight', 'Tag');
      await page.keyboard.press('Tab');
      await page.keyboard.type('page');
      await page.keyboard.press('Enter');
      await seen(page, 'This would match 1 stored response:');
      await pressUntil(page, 'Tab', 'Purge 1 stored response');
      await page.keyboard.press('Enter');
      await seen(page.locator('[aria-live=polite]'), 'Soft purge of tag page');
      content(faults);
    } finally {
      await stage.close();
    }
  },
};
