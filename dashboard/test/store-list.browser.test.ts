import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { copyStores } from '../../test/factories/copy-stores.ts';
import { withDatabase } from './direct-database.ts';
import { expectAccessible, expectNoCspReports } from './page-reports.ts';
import { openPlatform, type BrowserTestPlatform, type TestRole } from './platform.ts';
import { scroll } from './scroll.ts';

const MANY = 10_000;

let platform: BrowserTestPlatform;
beforeAll(async () => {
  platform = await openPlatform();
});
afterAll(async () => {
  await platform?.close();
});

/** Opens a path for another tenant than that of the test file. */
async function pageOf(tenantId: string, path: string, role: TestRole = 'member'): Promise<Page> {
  const page = await platform.pageAs(role, { path: null });
  await page.addInitScript((id) => sessionStorage.setItem('tenant', id), tenantId);
  await page.goto(path);
  return page;
}

/** Creates a tenant with cancelled stores: the reconciler leaves them alone. They have no objects in the cluster. */
async function tenantWithStores(count: number): Promise<string> {
  const tenantId = await platform.addTenant('Large');
  const body = { name: 'Template', engine: 'woocommerce' } as const;
  const header = { 'Idempotency-Key': tenantId };
  const { data: template } = await platform.clientAs('member').POST('/api/stores', { params: { header }, body });
  if (template === undefined) throw new Error('the template was not created');
  const { storeId } = template;
  const status = 'cancelled';
  await withDatabase(platform, (database) =>
    copyStores(database, {
      storeId,
      count,
      tenantId,
      store: { status },
      operation: { status, ended_at: new Date() },
    }),
  );
  return tenantId;
}

describe('a tenant without stores', () => {
  test('learns what a store is, how to create one, and that the nodes are simulated', async () => {
    const page = await pageOf(await platform.addTenant('Empty'), '/');
    await page.getByRole('heading', { name: 'Your first store is a minute away' }).waitFor();
    await page.getByText('The nodes are simulated').waitFor();
    await page.getByRole('button', { name: 'Copy the command of the CLI' }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('store-platform stores create --name');
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Create your first store' }).click();
    await page.waitForURL('**/stores/new');
  });

  test('shows a viewer no way to create one', async () => {
    const page = await pageOf(await platform.addTenant('Empty'), '/', 'viewer');
    await page.getByText('Ask an admin of your tenant').waitFor();
    expect(await page.getByRole('link', { name: /create/i }).count()).toBe(0);
  });
});

describe('a tenant with 10,000 stores', () => {
  let tenantId: string;
  beforeAll(async () => {
    tenantId = await tenantWithStores(MANY);
  });

  test('finds stores by the filters of the address, and the back button leaves them', async () => {
    const page = await pageOf(tenantId, '/?status=cancelled&name=store+4242');
    const rows = page.locator('tbody a');
    await page.getByRole('link', { name: 'Store 4242' }).waitFor();
    expect(await rows.count()).toBe(1);
    expect(await page.getByLabel('Search by name').inputValue()).toBe('store 4242');
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByRole('link', { name: 'Store 1', exact: true }).waitFor();
    expect(new URL(page.url()).search).toBe('');
    await page.goBack();
    await page.getByRole('link', { name: 'Store 4242' }).waitFor();
    await page.getByLabel('Search by name').fill('no such store');
    await page.getByText('No store matches the filters').waitFor();
    expect(new URL(page.url()).searchParams.get('name')).toBe('no such store');
  });

  test('scrolls through them with few rows in the page', async () => {
    const page = await pageOf(tenantId, '/');
    await page.locator('tbody a').first().waitFor();
    // `npm run bench` measures the tasks of the frames.
    const { y } = await scroll(page);
    expect(y).toBeGreaterThan(10_000);
    expect(await page.locator('tbody tr').count()).toBeLessThan(60);
    expectNoCspReports(page);
  });

  test('shows the list without a violation of WCAG', async () => {
    const page = await pageOf(tenantId, '/?created=7d&engine=woocommerce');
    await page.locator('tbody a').first().waitFor();
    await expectAccessible(page);
  });
});

test('a list that is open shows a new store and its status without a reload', async () => {
  const page = await platform.pageAs('viewer', { path: '/' });
  await page.getByRole('heading', { level: 1, name: 'Stores' }).waitFor();
  const { data } = await platform.clientAs('member').POST('/api/stores', {
    params: { header: { 'Idempotency-Key': 'live' } },
    body: { name: 'Live Shop', engine: 'medusa' },
  });
  const row = page.getByRole('row', { name: /Live Shop/ });
  await row.waitFor();
  const path = { id: data?.storeId ?? '' };
  await row.getByText('Ready', { exact: true }).waitFor({ timeout: 90_000 });
  await platform
    .clientAs('member')
    .DELETE('/api/stores/{id}', { params: { path, query: { undeleteWindowSeconds: 600 } } });
  await row.getByText('Deleting', { exact: true }).waitFor();
});
