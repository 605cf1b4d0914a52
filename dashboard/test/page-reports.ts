import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { expect } from '@jest/globals';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import { reportsOfPage } from './watch-page.ts';

/** Fails if the page has violated its Content-Security-Policy, or has thrown an error that no code has handled. */
export function expectNoCspReports(page: Page): void {
  expect(reportsOfPage(page)).toEqual({ policy: [], errors: [] });
}

const AXE_OPTIONS: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  resultTypes: ['violations'],
};

let axeSource: Promise<string> | undefined;

/** Fails if axe finds a violation of WCAG 2.2 AA or of its best practices on the page. */
export async function expectNoAxeViolations(page: Page): Promise<void> {
  axeSource ??= readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  // Evaluation by the debugger is not subject to the policy of the page, unlike a script element.
  await page.evaluate(await axeSource);
  await endColourChanges(page);
  const { violations } = await page.evaluate(async (options) => {
    const axe = Reflect.get(window, 'axe') as { run(root: Document, given: unknown): Promise<AxeResults> }; // evaluated above
    return await axe.run(document, options);
  }, AXE_OPTIONS);
  const found = violations.map(({ id, nodes }) => ({
    id,
    nodes: nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary ?? ''}`),
  }));
  expect(found).toEqual([]);
}

const QUIET_FRAMES = 10;
const MAX_FRAMES = 600;

/** Waits until no colour changes: those of an element begin after those of its parent, and belong to no theme in between. */
async function endColourChanges(page: Page): Promise<void> {
  const isQuiet = await page.evaluate(
    async ({ enough, most }) => {
      let quiet = 0;
      for (let frame = 0; frame < most && quiet < enough; frame += 1) {
        await new Promise(requestAnimationFrame);
        quiet = document.getAnimations().some((each) => each instanceof CSSTransition) ? 0 : quiet + 1;
      }
      return quiet >= enough;
    },
    { enough: QUIET_FRAMES, most: MAX_FRAMES },
  );
  expect(isQuiet).toBe(true);
}

/** Fails if axe finds a violation in the light or in the dark theme. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expectNoAxeViolations(page);
  }
}
