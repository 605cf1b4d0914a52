import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { opened } from './opened.ts';
import { openPlatform, type BrowserTestPlatform } from './platform.ts';
import { FIXTURE_NOW, FIXTURES, HELD_STORE_ID } from './visual/fixtures.ts';
import { serveFixtures } from './visual/serve-fixtures.ts';
import { expectSnapshot } from './visual/snapshots.ts';

/**
 * Pages look as they did when a person last looked at them. The API is replaced by fixed responses, so that the pictures are the same
 * in each run. All other browser tests use the real API.
 */

/** The pictures are smaller than those of other tests, and still have the navigation. */
const WIDTH = 1024;
const HEIGHT = 768;
/** Pages with more to see than the first screen. */
const TALL = 1_400;
/** Width of the sample in the font of the snapshots: DejaVu Sans, the font of a Debian without other fonts. */
const SAMPLE_WIDTHS = { 'system-ui': 1389, monospace: 1505 };

let platform: BrowserTestPlatform;
beforeAll(async () => {
  platform = await openPlatform();
});
afterAll(() => platform?.close());

interface ComparedPage {
  readonly name: string;
  readonly path: string;
  /** Waits until the page shows everything. */
  readonly shown: (page: Page) => Promise<void>;
  readonly height?: number;
}

const PAGES: readonly ComparedPage[] = [
  { name: 'stores', path: '/', shown: (page) => opened(page, 'Stores') },
  {
    name: 'held-store',
    path: `/stores/${HELD_STORE_ID}`,
    height: TALL,
    shown: async (page) => {
      await opened(page, 'Studio Ceramics');
      await page.locator('[data-step="await-ready"][data-state="held"]').waitFor();
    },
  },
  { name: 'create-store', path: '/stores/new', shown: (page) => opened(page, 'Create a store') },
  {
    name: 'overview',
    path: '/overview',
    height: TALL,
    shown: async (page) => {
      await opened(page, 'Overview');
      await page.locator('canvas').nth(1).waitFor();
    },
  },
  { name: 'members', path: '/settings/members', shown: (page) => opened(page, 'Members') },
  // The API itself renders this page.
  { name: 'login', path: '/login', shown: (page) => page.getByRole('button', { name: 'Log in' }).waitFor() },
];

describe.each(['light', 'dark'] as const)('in the theme %s', (theme) => {
  test.each(PAGES)('the page $name looks like its snapshot', async ({ name, path, height = HEIGHT, shown }) => {
    const page = await platform.pageAs('nobody', { theme, viewport: { width: WIDTH, height }, path: null });
    const font = await fontProblem(page);
    if (font !== undefined) {
      // Another font makes every text of the page different.
      console.warn(`${name} was not compared: ${font}`);
      return;
    }
    await page.clock.setFixedTime(FIXTURE_NOW);
    const unknown = await serveFixtures(page, FIXTURES);
    await page.goto(path);
    await shown(page);
    expect(unknown).toEqual([]);
    await expectSnapshot(page, `${name}-${theme}`);
  });
});

/** Returns why the texts of this machine do not look like those of the snapshots, or undefined if they do. */
async function fontProblem(page: Page): Promise<string | undefined> {
  const widths = await page.evaluate((fonts) => {
    const context = document.createElement('canvas').getContext('2d');
    return fonts.map((font) => {
      if (context === null) return 0;
      context.font = `100px ${font}`;
      return Math.round(context.measureText('Store platform 0123456789').width);
    });
  }, Object.keys(SAMPLE_WIDTHS));
  const expected = Object.values(SAMPLE_WIDTHS);
  if (widths.every((width, index) => width === expected[index])) return undefined;
  return `the browser has another font than that of the snapshots, DejaVu Sans (${widths.join(', ')} px instead of ${expected.join(', ')} px)`;
}
