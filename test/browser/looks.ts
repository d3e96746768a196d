import type { Page } from 'playwright-core';
import { type BrowserClaim, content, same, seen } from './browser-claim.ts';
import { site, type Stage, startStage } from './stage.ts';

/** Every view with something in it, and what is seen once it is there. */
const addresses: readonly (readonly [address: string, sign: string | RegExp])[] = [
  ['', /^\d+ in \d+ s$/],
  ['#top', `http://${site}/a`],
  ['#shelf', /^Page 1: /],
  [`#explain?url=${encodeURIComponent(`http://${site}/greeting`)}&header=accept-language%3A+it`, 'The key'],
  [`#purge?prefix=${encodeURIComponent(`http://${site}/`)}`, /^This would match/],
];

async function eachView(stage: Stage, page: Page, look: (address: string) => Promise<void>): Promise<void> {
  for (const [address, sign] of addresses) {
    await page.goto(`${stage.adminUrl}/${address}`);
    await seen(page.locator('#panel'), sign);
    await look(address);
  }
}

async function prepared(stage: Stage): Promise<Stage> {
  await stage.ask(`/${'a-long-name-'.repeat(12)}`);
  for (const target of ['/a', '/a', '/login', '/account']) await stage.ask(target);
  for (const language of ['fr', 'en']) await stage.ask('/greeting', { 'accept-language': language });
  return stage;
}

/** Texts that are too faint against what is behind them, with their contrast (WCAG 2.2, 1.4.3: at least 4.5). */
function faintTexts(): string[] {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  if (canvas === null) return ['there is no canvas'];
  const pixel = (colors: readonly string[]): number[] => {
    for (const color of colors) {
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (colors: readonly string[]): number => {
    const [r = 0, g = 0, b = 0] = pixel(colors).map((part) => {
      const value = part / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const faint: string[] = [];
  for (const element of document.querySelectorAll<HTMLElement>('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim() !== '');
    if (!own || element.matches(':disabled') || !element.checkVisibility() || element.closest('svg') !== null) continue;
    const behind: string[] = [];
    for (let at: Element | null = element; at !== null; at = at.parentElement) {
      behind.unshift(getComputedStyle(at).backgroundColor);
    }
    const lights = [luminance(behind), luminance([...behind, getComputedStyle(element).color])].toSorted(
      (a, b) => a - b,
    );
    const contrast = ((lights[1] ?? 0) + 0.05) / ((lights[0] ?? 0) + 0.05);
    if (contrast < 4.5) faint.push(`${element.textContent?.trim().slice(0, 30)}: ${contrast.toFixed(2)}`);
  }
  return faint;
}

function themed(colorScheme: 'light' | 'dark'): BrowserClaim {
  return {
    claim: `every text of every view is well seen in ${colorScheme} colours`,
    async run(browser) {
      const stage = await prepared(await startStage(browser));
      try {
        const { page, faults } = await stage.open('', { colorScheme });
        await eachView(stage, page, async (address) => {
          same(await page.evaluate(faintTexts), [], `too faint at ${address || 'the overview'}`);
        });
        content(faults);
      } finally {
        await stage.close();
      }
    },
  };
}

const background = (page: Page): Promise<string> =>
  page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);

const switched: BrowserClaim = {
  claim: 'the colours are those of the system until the user chooses, and are remembered',
  async run(browser) {
    const stage = await startStage(browser);
    try {
      const { page, faults } = await stage.open('', { colorScheme: 'dark' });
      const dark = await background(page);
      await page.getByLabel('Colours').selectOption('Light');
      const light = await background(page);
      same(light === dark, false, 'light like dark');
      await page.reload();
      same(await background(page), light, 'the colour after a reload');
      await page.getByLabel('Colours').selectOption('As the system');
      same(await background(page), dark, 'the colour of the system');
      content(faults);
    } finally {
      await stage.close();
    }
  },
};

const phone: BrowserClaim = {
  claim: 'no view is wider than a phone',
  async run(browser) {
    const stage = await prepared(await startStage(browser));
    try {
      const { page, faults } = await stage.open('', { viewport: { width: 360, height: 740 }, hasTouch: true });
      await eachView(stage, page, async (address) => {
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        same(width, 360, `the width at ${address || 'the overview'}`);
      });
      content(faults);
    } finally {
      await stage.close();
    }
  },
};

/** Controls that a screen reader could not name. */
function nameless(): string[] {
  const controls = document.querySelectorAll(
    'a, button, input, select, textarea, meter, [role=slider], [role=tabpanel]',
  );
  return [...controls].flatMap((control) => {
    const labels = 'labels' in control ? [...(control.labels as NodeListOf<HTMLElement>)] : [];
    const id = control.getAttribute('aria-labelledby');
    const from = [control, ...labels, ...(id === null ? [] : [document.getElementById(id)])];
    const text = from.map((each) => each?.textContent ?? '').join('');
    return `${control.getAttribute('aria-label') ?? ''}${text}`.trim() === '' ? [control.outerHTML] : [];
  });
}

const named: BrowserClaim = {
  claim: 'every control has a name, and every view a heading',
  async run(browser) {
    const stage = await prepared(await startStage(browser));
    try {
      const { page, faults } = await stage.open();
      await eachView(stage, page, async (address) => {
        same(await page.evaluate(nameless), [], `without a name at ${address || 'the overview'}`);
        same((await page.locator('#panel h2').count()) > 0, true, `a heading at ${address || 'the overview'}`);
      });
      content(faults);
    } finally {
      await stage.close();
    }
  },
};

export const looks: readonly BrowserClaim[] = [themed('light'), themed('dark'), switched, phone, named];
