import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { expectNoAxeViolations, expectNoCspReports } from '../page-reports.ts';
import { openPlatform, type BrowserTestPlatform } from '../platform.ts';

let platform: BrowserTestPlatform;
let webhookId: string;
beforeAll(async () => {
  platform = await openPlatform();
  const client = platform.clientAs('admin');
  const header = (key: string) => ({ params: { header: { 'Idempotency-Key': key } } });
  await client.POST('/api/invitations', { ...header('invitation'), body: {} });
  await client.POST('/api/tokens', { ...header('token'), body: { name: 'CI', scopes: ['stores:read'] } });
  const { data: account } = await client.POST('/api/service-accounts', { ...header('account'), body: { name: 'CI' } });
  const { serviceAccountId } = account ?? {};
  await client.POST('/api/tokens', { ...header('account token'), body: { name: 'x', serviceAccountId } });
  const { data } = await client.POST('/api/webhooks', { ...header('webhook'), body: { url: 'https://127.0.0.1:1/' } });
  webhookId = data?.webhookId ?? '';
  await client.POST('/api/webhooks/{id}/test', { params: { path: { id: webhookId } } });
});
afterAll(() => platform.close());

const SIZES = { light: { width: 1280, height: 800 }, dark: { width: 360, height: 740 } };

/** The pages, each with the names of the buttons that open its dialogs. */
const PAGES = [
  ['/settings/tokens', ['Create token']],
  ['/settings/tokens?tab=service-accounts', ['Create service account']],
  ['/settings/members', ['Invite people']],
  ['/settings/webhooks', ['Create webhook']],
  ['/settings/webhooks/{id}', []],
  ['/settings/audit', []],
  ['/settings/profile', []],
] as const;

async function expectGoodPage(page: Page): Promise<void> {
  await expectNoAxeViolations(page);
  expectNoCspReports(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
}

describe.each(['light', 'dark'] as const)('in the theme %s', (theme) => {
  test.each(PAGES)(
    '%s has no violation of WCAG, with its dialogs, and is not wider than the window',
    async (path, dialogs) => {
      const page = await platform.pageAs('admin', {
        theme,
        viewport: SIZES[theme],
        path: path.replace('{id}', webhookId),
      });
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForFunction(() => document.querySelector('main [role="status"] .animate-pulse') === null);
      for (const details of await page.getByRole('button', { name: 'Details' }).all()) {
        await details.click();
        break;
      }
      await expectGoodPage(page);
      for (const name of dialogs) {
        await page.getByRole('main').getByRole('button', { name }).first().click();
        const dialog = page.getByRole('dialog');
        await dialog.waitFor();
        const choice = dialog.getByRole('radio', { name: /Only some/ });
        if ((await choice.count()) > 0) await choice.check();
        await dialog.getByRole('button', { name: /^Create/ }).click();
        await expectGoodPage(page);
      }
    },
  );
});
