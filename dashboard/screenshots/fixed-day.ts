import type { Page } from 'playwright-core';

const DAY_MS = 86_400_000;
/** A day without a change of the clock in any of the weeks before it. */
const FIXED_DAY_MS = Date.UTC(2026, 1, 17);

/** The clock of the page is ahead, so that "7 minutes ago" is the age of all new stores in each run. */
const AHEAD_MS = 7.5 * 60_000;

const INSTANT = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g;

/**
 * Lets a page live on a fixed day: the clock of the page stands still on it, and all times that the API sends or receives are moved
 * by the same number of days. Whole days keep the buckets of statistics, which begin at full hours and days.
 */
export async function moveToFixedDay(page: Page): Promise<void> {
  const now = Date.now();
  const movedByMs = FIXED_DAY_MS - Math.floor(now / DAY_MS) * DAY_MS;
  await page.clock.setFixedTime(now + movedByMs + AHEAD_MS);
  await page.route('**/api/**', async (route) => {
    const request = route.request();
    // The stream of events never ends, so it has no response that could be changed. No event comes while a picture is taken.
    if (request.headers()['accept'] === 'text/event-stream') return await route.continue();
    const url = new URL(request.url());
    const query = [...url.searchParams].map(([name, value]): [string, string] => [name, moved(value, -movedByMs)]);
    url.search = new URLSearchParams(query).toString();
    const response = await route.fetch({ url: url.href });
    return await route.fulfill({ response, body: moved(await response.text(), movedByMs) });
  });
}

function moved(text: string, byMs: number): string {
  return text.replaceAll(INSTANT, (instant) => new Date(Date.parse(instant) + byMs).toISOString());
}
