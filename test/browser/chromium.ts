import { type Browser, chromium } from 'playwright-core';
import { installed } from '../peers/packages.ts';

/** Debian's browser, which is installed where that is possible; undefined where there is none to be had. */
export async function launchChromium(): Promise<Browser | undefined> {
  const [found] = await installed([{ debianPackage: 'chromium', program: '/usr/bin/chromium' }]);
  if (found === undefined) return undefined;
  // Its sandbox does not run for root, which is what containers for tests are.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: found.program, args });
}
