import type { Page } from 'playwright-core';

/** Waits until a page shows its data. */
export async function opened(page: Page, heading: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
  await page.locator('main .animate-pulse.bg-active').first().waitFor({ state: 'detached' });
}
