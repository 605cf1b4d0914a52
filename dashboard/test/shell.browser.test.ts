import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { startApiProcess } from '../../test/harness/platform/processes.ts';
import { eventually } from '../../test/harness/eventually.ts';
import { expectNoAxeViolations, expectNoCspReports } from './page-reports.ts';
import { openPlatform, type BrowserTestPlatform } from './platform.ts';

let platform: BrowserTestPlatform;
beforeAll(async () => {
  platform = await openPlatform();
});
afterAll(async () => {
  await platform?.close();
});

const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1280, height: 800 };

async function showsStores(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1, name: 'Stores', exact: true }).waitFor();
}

describe('the frame', () => {
  test.each([
    ['light', PHONE],
    ['dark', DESKTOP],
  ] as const)('has no violation of WCAG or of its policy: %s, %j', async (theme, viewport) => {
    const page = await platform.pageAs('operator', { theme, viewport });
    await showsStores(page);
    await expectNoAxeViolations(page);
    await page.getByRole('button', { name: 'Your account' }).click();
    await page.getByRole('menuitemradio', { name: 'English' }).waitFor();
    await expectNoAxeViolations(page);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    await expectNoAxeViolations(page);
    expectNoCspReports(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  });

  test('navigates by a drawer on a phone, and moves the focus to the heading', async () => {
    const page = await platform.pageAs('admin', { viewport: PHONE });
    await page.getByRole('button', { name: 'Open the navigation' }).click();
    await expectNoAxeViolations(page);
    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByRole('heading', { level: 1, name: 'Members' }).waitFor();
    await eventually(() => page.evaluate(() => document.activeElement?.tagName === 'H1'));
    expect(await page.title()).toBe('Members · Store platform');
    await page.goBack();
    await showsStores(page);
  });

  test('shows a viewer neither the pages nor the actions of other roles', async () => {
    const page = await platform.pageAs('viewer', { path: '/operator' });
    await page.getByRole('heading', { level: 1, name: 'Page not found' }).waitFor();
    expect(await page.getByRole('link', { name: 'Fleet' }).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Webhooks' }).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'API tokens' }).count()).toBe(1);
  });

  test('speaks German by default in a German browser, and remembers another language', async () => {
    const page = await platform.pageAs('admin', { locale: 'de' });
    await page.getByRole('heading', { level: 1, name: 'Shops' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('de');
    await page.getByRole('button', { name: 'Ihr Konto' }).click();
    await page.getByRole('menuitemradio', { name: 'English' }).click();
    await showsStores(page);
    await page.reload();
    await showsStores(page);
  });

  test('keeps a chosen theme over a reload', async () => {
    const page = await platform.pageAs('admin', { theme: 'light' });
    await page.getByRole('button', { name: 'Your account' }).click();
    await page.getByRole('menuitemradio', { name: 'Dark' }).click();
    await page.reload();
    await showsStores(page);
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
  });
});

describe('a person without a session', () => {
  test('logs in first, and comes back to the page', async () => {
    const page = await platform.pageAs('nobody', { path: '/settings/members?role=admin' });
    await page.waitForURL('**/login?next=*');
    const { email, password } = await platform.setPassword('viewer');
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Members' }).waitFor();
    expect(new URL(page.url()).search).toBe('?role=admin');
    await page.getByRole('button', { name: 'Your account' }).click();
    await page.getByRole('menuitem', { name: 'Log out' }).click();
    await page.waitForURL('**/login');
  });
});

test('another tenant replaces the data of the first one, and stays chosen', async () => {
  await platform.addTenant('Globex');
  const page = await platform.pageAs('member');
  await showsStores(page);
  await page.getByRole('button', { name: 'Tenant: Acme' }).click();
  await page.getByRole('menuitemradio', { name: 'Globex' }).click();
  await page.getByRole('button', { name: 'Tenant: Globex' }).waitFor();
  await page.reload();
  await page.getByRole('button', { name: 'Tenant: Globex' }).waitFor();
});

test('the command palette opens pages and finds stores by keyboard alone', async () => {
  const { data: store } = await platform.clientAs('member').POST('/api/stores', {
    params: { header: { 'Idempotency-Key': 'palette' } },
    body: { name: 'Palette Shoes', engine: 'woocommerce' },
  });
  const page = await platform.pageAs('member');
  await showsStores(page);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('web');
  await page.getByRole('option', { name: 'Webhooks' }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Webhooks' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('palette sh');
  await page.getByRole('option', { name: 'Palette Shoes' }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/stores/${store?.storeId}`);
});

test('a new browser shows what happened before its stream of events opened', async () => {
  const page = await platform.pageAs('viewer', { path: null });
  let isAway = true;
  await page.route('**/api/events*', (route) => (isAway ? route.abort() : route.continue()));
  await page.goto('/');
  await showsStores(page);
  await page.waitForLoadState('networkidle');
  const client = platform.clientAs('member');
  const { data: store } = await client.POST('/api/stores', {
    params: { header: { 'Idempotency-Key': 'early' } },
    body: { name: 'Early Shoes', engine: 'woocommerce' },
  });
  const params = { path: { id: store?.operation?.operationId ?? '' }, query: { wait: 30 } };
  await eventually(async () => (await client.GET('/api/operations/{id}', { params })).data?.status === 'succeeded', {
    deadlineMs: 90_000,
  });
  isAway = false;
  await page.getByRole('link', { name: 'Early Shoes' }).waitFor();
});

test('two tabs share one stream, and both show the outcome of an operation that began elsewhere', async () => {
  const first = await platform.pageAs('viewer', { path: null });
  const streams: string[] = [];
  const context = first.context();
  context.on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/events' && request.headers()['accept'] === 'text/event-stream') {
      streams.push(request.url());
    }
  });
  await first.goto('/');
  await showsStores(first);
  await eventually(() => streams.length === 1);
  const second = await platform.pageAs('viewer', { context });
  await showsStores(second);
  await platform.clientAs('member').POST('/api/stores', {
    params: { header: { 'Idempotency-Key': 'two tabs' } },
    body: { name: 'Shared Shoes', engine: 'woocommerce' },
  });
  for (const page of [first, second]) {
    await page.getByText('Shared Shoes is ready').waitFor({ timeout: 90_000 });
    await page.getByRole('button', { name: /Notifications, \d+ unread/ }).waitFor();
  }
  await expectNoAxeViolations(first);
  expectNoCspReports(first);
  expect(streams).toHaveLength(1);

  // The other tab takes the stream over, and nothing is lost.
  await first.close();
  await eventually(() => streams.length === 2);
  await second.getByRole('button', { name: /Notifications/ }).click();
  await second.getByRole('menuitem', { name: 'Shared Shoes is ready' }).click();
  await second.waitForURL('**/stores/*');
});

test('a banner appears while the API is down, and heals with all events of that time', async () => {
  let api = await startApiProcess(platform.env.platform);
  const { url } = api;
  const page = await platform.pageAs('member', { url });
  await showsStores(page);
  // The page knows after which event it continues.
  await page.waitForFunction(() => Object.keys(localStorage).some((key) => key.startsWith('events-seen/')));
  await api.kill('SIGKILL');
  await page.getByText('The API does not respond').waitFor();
  await expectNoAxeViolations(page);
  await platform.clientAs('member').POST('/api/stores', {
    params: { header: { 'Idempotency-Key': 'outage' } },
    body: { name: 'Outage Shoes', engine: 'woocommerce' },
  });
  api = await startApiProcess(platform.env.platform, { PORT: new URL(url).port });
  await page.getByText('The API does not respond').waitFor({ state: 'hidden' });
  await page.getByText('Outage Shoes is ready').waitFor({ timeout: 90_000 });
  await api.kill('SIGTERM');
});
