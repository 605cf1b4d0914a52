import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import getPort from 'get-port';
import type { Page } from 'playwright-core';
import { eventually } from '../../test/harness/eventually.ts';
import { startApiProcess } from '../../test/harness/platform/processes.ts';
import { expectAccessible, expectNoCspReports } from './page-reports.ts';
import { openPlatform, type BrowserTestPlatform } from './platform.ts';

/** An operation takes seconds, and minutes on a busy machine. */
const OPERATION_MS = 180_000;

let platform: BrowserTestPlatform;
let storeId: string;
let path: string;

jest.setTimeout(2 * OPERATION_MS);

beforeAll(async () => {
  platform = await openPlatform();
  const { data } = await platform.clientAs('member').POST('/api/stores', {
    params: { header: { 'Idempotency-Key': randomUUID() } },
    body: { name: 'Acme Shoes', engine: 'woocommerce' },
  });
  storeId = data?.storeId ?? '';
  path = `/stores/${storeId}`;
  await eventually(async () => (await statusOf()) === 'ready', { deadlineMs: OPERATION_MS });
});
afterAll(async () => {
  await platform?.close();
});

async function statusOf(): Promise<string | undefined> {
  const { data } = await platform.clientAs('viewer').GET('/api/stores/{id}', { params: { path: { id: storeId } } });
  return data?.status;
}

async function untilStatus(page: Page, status: string): Promise<void> {
  await page
    .locator('output', { hasText: new RegExp(`^${status}$`) })
    .first()
    .waitFor({ timeout: OPERATION_MS });
}

function button(page: Page, name: string) {
  return page.getByRole('button', { name, exact: true });
}

test('the page of a ready store has no violation of WCAG, also on a phone', async () => {
  const page = await platform.pageAs('admin', { path });
  await page.locator('[data-step="verify"]').waitFor();
  await page.getByRole('heading', { name: 'Sign-in of the merchant' }).waitFor();
  await expectAccessible(page);
  await page.setViewportSize({ width: 360, height: 740 });
  await expectAccessible(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  expectNoCspReports(page);
});

test('a viewer sees the store and no action', async () => {
  const page = await platform.pageAs('viewer', { path });
  await page.locator('[data-step="verify"]').waitFor();
  for (const name of ['Delete store', 'Retry', 'Continue', 'Cancel', 'Show sign-in']) {
    expect(await button(page, name).count()).toBe(0);
  }
  expect(await page.getByText('Open in the Temporal Web UI').count()).toBe(0);
});

test('an admin reads the sign-in on demand, and nothing of it stays on the page', async () => {
  const page = await platform.pageAs('admin', { path });
  const [response] = await Promise.all([
    page.waitForResponse((each) => each.url().endsWith('/credentials')),
    button(page, 'Show sign-in').click(),
  ]);
  const { admin } = (await response.json()) as { readonly admin: { readonly password: string } };
  await button(page, 'Show the password').click();
  await page.getByText(admin.password).waitFor();
  await button(page, 'Copy the password').click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(admin.password);
  await button(page, 'Hide').click();
  await button(page, 'Show sign-in').waitFor();
  expect(await page.content()).not.toContain(admin.password);
});

test('two tabs show a delete by name, and one of them undoes it', async () => {
  const page = await platform.pageAs('member', { path });
  const other = await platform.pageAs('member', { context: page.context(), path });
  await untilStatus(other, 'Ready');
  await button(page, 'Delete store').click();
  const dialog = page.getByRole('alertdialog');
  const confirm = dialog.getByRole('button', { name: 'Delete store' });
  expect(await confirm.isDisabled()).toBe(true);
  await dialog.getByLabel(/Type/).fill('Acme Shoes');
  await dialog.getByRole('combobox', { name: 'Undelete window' }).selectOption('A number of hours');
  await dialog.getByLabel('Hours').fill('2');
  await expectAccessible(page);
  await confirm.click();
  await Promise.all([untilStatus(page, 'Deleting'), untilStatus(other, 'Deleting')]);
  await other.getByText('Can still be undone').waitFor({ timeout: OPERATION_MS });
  await button(other, 'Undelete').click();
  await Promise.all([untilStatus(page, 'Ready'), untilStatus(other, 'Ready')]);
  expect(await page.locator('details[open]').count()).toBeGreaterThan(0);
});

test('a page that is open while the API restarts shows what happens afterwards', async () => {
  const port = String(await getPort());
  const first = await startApiProcess(platform.env.platform, { PORT: port });
  const page = await platform.pageAs('member', { path, url: first.url });
  await untilStatus(page, 'Ready');
  await first.kill('SIGKILL');
  const params = { path: { id: storeId }, query: { undeleteWindowSeconds: 3_600 } };
  await platform.clientAs('member').DELETE('/api/stores/{id}', { params });
  const second = await startApiProcess(platform.env.platform, { PORT: port });
  try {
    await untilStatus(page, 'Deleting');
    await page.locator('[data-step="undelete-window"][data-state="running"]').waitFor({ timeout: OPERATION_MS });
    await button(page, 'Undelete').click();
    await untilStatus(page, 'Ready');
  } finally {
    await second.kill('SIGTERM');
  }
});

test('a session that has ended leads to the login, which leads back to the store', async () => {
  const page = await platform.pageAs('member', { path });
  await untilStatus(page, 'Ready');
  await page.context().clearCookies();
  await page.reload();
  await page.waitForURL(/\/login\?next=/);
  const { email, password } = await platform.setPassword('member');
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await button(page, 'Log in').click();
  await page.getByRole('heading', { level: 1, name: 'Acme Shoes' }).waitFor();
  expect(new URL(page.url()).pathname).toBe(path);
});
