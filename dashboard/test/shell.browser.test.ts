import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { expectNoAxeViolations, expectNoCspReports } from './page-reports.ts';
import { openPlatform, type BrowserTestPlatform } from './platform.ts';

let platform: BrowserTestPlatform;
beforeAll(async () => {
  platform = await openPlatform();
});
afterAll(async () => {
  await platform?.close();
});

const SIZES = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 800 } };

test.each([
  ['light', 'phone'],
  ['dark', 'phone'],
  ['light', 'desktop'],
  ['dark', 'desktop'],
] as const)('the frame has no violation of WCAG or of its policy: %s, %s', async (theme, size) => {
  const page = await platform.pageAs('operator', { theme, viewport: SIZES[size] });
  await page.getByRole('heading', { level: 1, name: 'Stores' }).waitFor();
  mkdirSync('/tmp/shots', { recursive: true });
  await page.screenshot({ path: `/tmp/shots/${size}-${theme}.png` });
  await expectNoAxeViolations(page);
  expectNoCspReports(page);
});
