/** The web page in a real browser: `npm run test:browser`. With words, only the claims that have one of them; with `--screenshots`, pictures for docs/ instead. */
import type { Browser } from 'playwright-core';
import { access } from './access.ts';
import type { BrowserClaim } from './browser-claim.ts';
import { launchChromium } from './chromium.ts';
import { hostile } from './hostile.ts';
import { keyboard } from './keyboard.ts';
import { looks } from './looks.ts';
import { purging } from './purging.ts';
import { takeScreenshots } from './screenshots.ts';
import { views } from './views.ts';

const claims: readonly BrowserClaim[] = [...views, purging, hostile, keyboard, ...looks, ...access];

const words = process.argv.slice(2);
const browser = await launchChromium();
if (browser === undefined) {
  console.error('SKIPPED  the web page was not tried: there is no chromium here (apt-get install chromium)');
  process.exit(process.env['CI'] === undefined ? 0 : 1);
}
if (words.includes('--screenshots')) await takeScreenshots(browser);
else {
  let failed = 0;
  const chosen = claims.filter(({ claim }) => words.length === 0 || words.some((word) => claim.includes(word)));
  for (const each of chosen) failed += (await holds(each, browser)) ? 0 : 1;
  console.log(`${chosen.length - failed} passed, ${failed} failed`);
  await browser.close();
  // Not `exitCode`: what a failed claim has left open keeps no one waiting.
  process.exit(failed === 0 ? 0 : 1);
}
await browser.close();

async function holds(each: BrowserClaim, chromium: Browser): Promise<boolean> {
  try {
    await each.run(chromium);
    console.log(`PASSED  ${each.claim}`);
    return true;
  } catch (error) {
    console.log(`FAILED  ${each.claim}\n   `, error);
    return false;
  }
}
