import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { createBlockedStore, type BlockedStore } from './blocked-store.ts';
import { eventually } from '../../test/harness/eventually.ts';
import { expectAccessible, expectNoCspReports } from './page-reports.ts';
import { openPlatform, type BrowserTestPlatform } from './platform.ts';

/** An operation takes seconds, and minutes on a busy machine. */
const OPERATION_MS = 180_000;

let platform: BrowserTestPlatform;
let held: BlockedStore;
let failing: BlockedStore;

jest.setTimeout(2 * OPERATION_MS);

beforeAll(async () => {
  platform = await openPlatform();
  held = await createBlockedStore(platform, { name: 'Held Shop', onFailure: 'hold' });
  failing = await createBlockedStore(platform, { name: 'Failed Shop', onFailure: 'cleanup' });
});
afterAll(async () => {
  await platform?.close();
});

async function untilStatus(page: Page, status: string): Promise<void> {
  await page
    .locator('output', { hasText: new RegExp(`^${status}$`) })
    .first()
    .waitFor({ timeout: OPERATION_MS });
}

function button(page: Page, name: string) {
  return page.getByRole('button', { name, exact: true });
}

describe('a new store', () => {
  test('is created once by a double click, and its page follows it until it is ready', async () => {
    const page = await platform.pageAs('member', { path: '/stores/new' });
    await page.getByRole('heading', { level: 1, name: 'Create a store' }).waitFor();
    await expectAccessible(page);
    await page.getByLabel('Name').fill('Acme Shoes');
    await page.getByRole('radio', { name: 'Medusa' }).check();
    await button(page, 'Create store').dblclick();
    await page.waitForURL(/\/stores\/[0-9a-f-]{36}$/);
    await page.getByRole('heading', { level: 1, name: 'Acme Shoes' }).waitFor();
    await page.locator('[data-step="verify"][data-state="skipped"]').waitFor({ timeout: OPERATION_MS });
    await untilStatus(page, 'Ready');
    for (const step of ['prepare-namespace', 'ensure-secrets', 'install-release', 'await-ready']) {
      expect(await page.locator(`[data-step="${step}"]`).getAttribute('data-state')).toBe('done');
    }
    await page.getByText('This store serves no traffic').waitFor();
    const { data } = await platform.clientAs('viewer').GET('/api/stores', { params: { query: { name: 'Acme' } } });
    expect(data?.data.map(({ name, engine }) => ({ name, engine }))).toEqual([
      { name: 'Acme Shoes', engine: 'medusa' },
    ]);
    expectNoCspReports(page);
  });

  test('is not sent with a name that the API would reject, and an error of the API is shown at its field', async () => {
    const page = await platform.pageAs('member', { path: '/stores/new' });
    const name = page.getByLabel('Name');
    await button(page, 'Create store').click();
    await name.and(page.locator('[aria-invalid="true"]')).waitFor();
    await eventually(() => name.evaluate((input) => input === document.activeElement));
    await name.fill('x'.repeat(64));
    await page.getByText('Use at most 63 characters.').waitFor();
    await page.route('**/api/stores', async (route) => {
      const errors = [{ in: 'body', pointer: '/name', detail: 'is not liked by the API' }];
      const problem = { code: 'INVALID_REQUEST', title: 'The request is not valid', detail: 'See `errors`.', errors };
      await route.fulfill({ status: 400, contentType: 'application/problem+json', body: JSON.stringify(problem) });
    });
    await name.fill('Acme Boots');
    await button(page, 'Create store').click();
    await page.getByText('is not liked by the API').waitFor();
    expect(await name.getAttribute('aria-invalid')).toBe('true');
  });
});

describe('a store that failed', () => {
  test('says why, and a retry succeeds when the cause is removed', async () => {
    const page = await platform.pageAs('member', { path: `/stores/${failing.storeId}` });
    await untilStatus(page, 'Failed');
    const cause = page.getByRole('region', { name: 'The namespace exists and does not belong to the store' });
    await cause.getByText('NAMESPACE_FOREIGN').waitFor();
    await cause.getByText(failing.namespace).first().waitFor();
    await cause.getByText('A retry alone does not help: remove the cause first.').waitFor();
    await failing.unblock();
    await button(page, 'Retry').click();
    await untilStatus(page, 'Ready');
    await page.getByText('Provision').nth(1).waitFor(); // the first operation stays in the list
  });

  test('is held if its policy says so, and continues', async () => {
    const page = await platform.pageAs('member', { path: `/stores/${held.storeId}` });
    await untilStatus(page, 'Held');
    await page.getByText('Waits for your decision').waitFor();
    await page.locator('[data-step="prepare-namespace"][data-state="held"]').waitFor();
    await expectAccessible(page);
    const viewer = await platform.pageAs('viewer', { path: `/stores/${held.storeId}` });
    await untilStatus(viewer, 'Held');
    await viewer.getByText('Next steps').waitFor();
    for (const name of ['Continue', 'Abort', 'Cancel', 'Delete store'])
      expect(await button(viewer, name).count()).toBe(0);
    await held.unblock();
    await button(page, 'Continue').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Continue', exact: true }).click();
    await untilStatus(page, 'Ready');
    await page.getByText(/Attempt 1: failed: the namespace /).waitFor();
  });
});
