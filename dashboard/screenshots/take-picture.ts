import type { Page } from 'playwright-core';
import { closePages, type BrowserTestPlatform } from '../test/platform.ts';
import type { Examples } from './examples.ts';
import type { Picture } from './pictures.ts';
import { moveToFixedDay } from './fixed-day.ts';

/** Takes a picture and writes it to a file. Two runs differ only by the time of the day and by durations. */
export async function takePicture(
  platform: BrowserTestPlatform,
  { role, theme = 'light', viewport, path, shown }: Picture,
  { examples, file }: { readonly examples: Examples; readonly file: string },
): Promise<void> {
  const page = await platform.pageAs(role, { theme, path: null, ...(viewport === undefined ? {} : { viewport }) });
  try {
    await moveToFixedDay(page);
    await page.goto(path(examples));
    await shown(page);
    await replaceIds(page);
    await page.screenshot({ path: file, animations: 'disabled' });
  } finally {
    await closePages();
  }
}

/** Replaces the ids of this run by fixed ones of the same length. */
async function replaceIds(page: Page): Promise<void> {
  await page.evaluate(() => {
    const ids = /\b(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){0,3}(?:-[0-9a-f]{12})?|[0-9a-f]{12})\b/g;
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
      node.nodeValue = (node.nodeValue ?? '').replaceAll(ids, ({ length }) =>
        (length === 12 ? '3f5a9c1e7b2d' : '3f5a9c1e-7b2d-4c6f-8a10-5d3e9b7c2f41').slice(0, length),
      );
    }
  });
}
