import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openDb } from '../../db/connection/open-db.ts';
import { createClusterRecords } from '../../db/clusters/cluster-records.ts';
import { startApiProcess } from '../../test/harness/platform/processes.ts';
import { createDatabase } from '../../test/harness/stack/stack.ts';
import { opened } from './opened.ts';
import { seedHeld, seedHistory, seedUnaccounted } from './operator-seed.ts';
import { expectNoAxeViolations, expectNoCspReports } from './page-reports.ts';
import { openPlatform, type BrowserTestPlatform } from './platform.ts';

let platform: BrowserTestPlatform;
let heldId: string;
beforeAll(async () => {
  platform = await openPlatform();
  await seedHistory(platform);
  heldId = await seedHeld(platform);
});
afterAll(() => platform?.close());

const PAGES = [
  ['/operator', 'Fleet'],
  ['/operator/stores', 'All stores'],
  ['/operator/held', 'Held operations'],
  ['/operator/unaccounted', 'Unaccounted namespaces'],
  ['/operator/tenants', 'Tenants'],
  ['/operator/schedules', 'Schedules'],
  ['/operator/clusters', 'Clusters'],
  ['/operator/audit', 'Audit log of all tenants'],
] as const;

describe.each(['light', 'dark'] as const)('in the theme %s', (theme) => {
  test.each([...PAGES, ['/overview', 'Overview'] as const])(
    '%s violates neither WCAG nor its policy, also on a phone',
    async (path, heading) => {
      await seedUnaccounted(platform);
      const page = await platform.pageAs('operator', { theme, path });
      await opened(page, heading);
      await page.setViewportSize({ width: 1280, height: 900 });
      await expectNoAxeViolations(page);
      await page.setViewportSize({ width: 360, height: 740 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
      await expectNoAxeViolations(page);
      expectNoCspReports(page);
    },
  );
});

test('a person who is no operator sees none of the pages', async () => {
  const page = await platform.pageAs('admin', { path: '/overview' });
  await opened(page, 'Overview');
  const navigation = page.getByRole('navigation', { name: 'Main navigation' });
  expect(await navigation.getByRole('link', { name: 'Clusters' }).count()).toBe(0);
  for (const [path, heading] of PAGES) {
    await page.goto(path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await page.getByRole('heading', { level: 1, name: heading, exact: true }).count()).toBe(0);
  }
});

test('the overview says in words and in a table what its pictures show', async () => {
  const page = await platform.pageAs('viewer', { path: '/overview' });
  await opened(page, 'Overview');
  const ready = page.getByRole('figure', { name: 'Time to ready' });
  await ready.getByText(/WooCommerce: half of the stores were ready in/).waitFor();
  await ready.locator('canvas').waitFor();
  await ready.getByText('Show as a table').click();
  await ready.getByRole('table').getByRole('columnheader', { name: 'Medusa' }).waitFor();
  await page.getByRole('table', { name: 'Duration of each step: numbers' }).getByText('Verify with an order').waitFor();
  await page.getByRole('combobox', { name: 'Range' }).selectOption('day');
  await page.waitForURL('**/overview?range=day');
  await page
    .getByRole('figure', { name: 'Stores over time' })
    .getByText(/were created/)
    .waitFor();
});

test('an operator pauses a schedule and resumes it', async () => {
  const page = await platform.pageAs('operator', { path: '/operator/schedules' });
  const row = page.getByRole('row', { name: /reconcile-waiting-stores/ });
  await row.getByRole('button', { name: /^Pause/ }).click();
  await row.getByText('Paused', { exact: true }).filter({ visible: true }).waitFor();
  await page.getByText('The schedule reconcile-waiting-stores is paused.').waitFor();
  await row.getByRole('button', { name: /^Resume/ }).click();
  await row.getByText('Active', { exact: true }).filter({ visible: true }).waitFor();
});

test('an operator changes the quota of a tenant, and a wrong limit says what to change', async () => {
  const page = await platform.pageAs('operator', { path: '/operator/tenants' });
  const row = page.getByRole('row', { name: new RegExp(platform.tenantId) });
  await row.getByRole('button', { name: 'Edit Acme' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Stores').fill('many');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('Enter a whole number from 1, or nothing.').waitFor();
  await dialog.getByLabel('Stores').fill('25');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  await row.getByRole('cell', { name: '25', exact: true }).waitFor();
  const { data } = await platform.clientAs('operator').GET('/api/quota');
  expect(data?.stores.limit).toBe(25);
});

test('an operator creates a tenant', async () => {
  const page = await platform.pageAs('operator', { path: '/operator/tenants' });
  const tenantId = `new-${platform.tenantId.slice(-8)}`;
  await page.getByRole('button', { name: 'Create a tenant' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Id').fill(tenantId);
  await dialog.getByLabel('Name').fill('New tenant');
  await dialog.getByRole('button', { name: 'Create a tenant' }).click();
  await page.getByRole('row', { name: new RegExp(tenantId) }).waitFor();
});

test('a held operation shows its cause, its run and its decisions, and a refused decision says why', async () => {
  const page = await platform.pageAs('operator', { path: `/operator/held?tenant=${platform.tenantId}` });
  const row = page.getByRole('row', { name: new RegExp(heldId.slice(0, 8)) });
  await row.getByText('The image example.com/shop:9 does not exist').filter({ visible: true }).waitFor();
  expect(await row.getByRole('link', { name: /Temporal Web UI/ }).getAttribute('href')).toContain(heldId);
  await row.getByRole('button', { name: /^More actions/ }).click();
  await page.getByRole('menuitem', { name: 'Abort' }).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByRole('button', { name: 'Abort' }).click();
  // The seeded operation has no run that could take the decision.
  await dialog.getByRole('alert').getByText('Correlation id').waitFor();
});

test('an operator keeps an unaccounted namespace, and removes one only after typing its name', async () => {
  const namespace = await seedUnaccounted(platform);
  const page = await platform.pageAs('operator', { path: '/operator/unaccounted' });
  const row = page.getByRole('row', { name: new RegExp(namespace) });
  await row.getByRole('button', { name: /^More decisions/ }).click();
  await page.getByRole('menuitem', { name: 'Keep' }).click();
  await row.getByText('Keep', { exact: true }).waitFor();
  await row.getByRole('button', { name: /^More decisions/ }).click();
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  const dialog = page.getByRole('alertdialog');
  const confirm = dialog.getByRole('button', { name: 'Delete the namespace' });
  expect(await confirm.isDisabled()).toBe(true);
  await dialog.getByRole('textbox').fill(namespace);
  expect(await confirm.isEnabled()).toBe(true);
});

test('all stores are filtered by the address, and a store opens in its tenant', async () => {
  const other = await platform.addTenant('Other');
  const page = await platform.pageAs('operator', {
    path: `/operator/stores?tenant=${platform.tenantId}&status=failed`,
  });
  await opened(page, 'All stores');
  const rows = page.getByRole('table', { name: 'All stores' }).locator('tbody tr');
  await rows.first().waitFor();
  expect(new Set(await rows.locator('td:nth-child(2)').allTextContents())).toEqual(new Set(['Failed']));
  await rows.first().getByRole('link').first().click();
  await page.waitForURL('**/stores/*');
  await page.goto(`/operator/stores?tenant=${other}`);
  await page.getByText('No store matches').waitFor();
});

test('the audit log shows what an operator did', async () => {
  await platform.clientAs('operator').POST('/api/admin/removals/resume');
  const page = await platform.pageAs('operator', { path: '/operator/audit?action=resumeRemovals' });
  await page
    .getByRole('row', { name: /resumeRemovals/ })
    .first()
    .waitFor();
});

test('German pages have German texts', async () => {
  const page = await platform.pageAs('operator', { path: '/operator/clusters', locale: 'de' });
  await page.getByRole('heading', { level: 1, name: 'Cluster', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Sperren' }).waitFor();
});

describe('on a platform of its own, without authentication', () => {
  test('a cordoned cluster refuses a new store in words, and accepts it again', async () => {
    const database = await createDatabase();
    const connection = openDb({
      databaseUrl: database.url,
      poolSize: 1,
      applicationName: 'test',
      log: { warn: () => undefined },
    });
    await createClusterRecords(connection.db).recordAnswer(
      'default',
      { uid: 'a', address: 'https://10.0.0.1:6443', kubernetesVersion: 'v1.36.1', nodes: 'simulated' },
      new Date(),
    );
    const { env } = platform;
    const api = await startApiProcess({ ...env.platform, DATABASE_URL: database.url, AUTH: 'none' });
    try {
      const page = await platform.pageAs('nobody', { url: api.url, path: '/operator/clusters' });
      await page.getByRole('button', { name: 'Cordon', exact: true }).click();
      await page.getByRole('alertdialog').getByRole('button', { name: 'Cordon' }).click();
      await page.getByText('Cordoned', { exact: true }).waitFor();
      const create = (key: string) =>
        fetch(`${api.url}/api/stores`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'idempotency-key': key },
          body: JSON.stringify({ name: 'Refused', engine: 'medusa' }),
        });
      const refused = await create('one');
      expect([refused.status, await refused.json()]).toMatchObject([
        409,
        { code: 'CLUSTER_NOT_ACCEPTING', detail: expect.stringContaining('is cordoned') },
      ]);
      await page.goto('/stores/new');
      await page.getByRole('radio', { name: /Medusa/ }).check();
      await page.getByLabel('Name').fill('Refused');
      await page.getByRole('button', { name: 'Create store' }).click();
      await page.getByText('Every cluster that could take the store is cordoned').waitFor();
      await page.goto('/operator/clusters');
      await page.getByRole('button', { name: 'Accept stores again' }).click();
      await page.getByText('Accepts stores', { exact: true }).waitFor();
      expect((await create('one')).status).toBe(202);

      await page.getByRole('button', { name: 'Drain', exact: true }).click();
      await page.getByRole('alertdialog').getByRole('button', { name: 'Drain' }).click();
      await page.getByText('Draining', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Add a cluster' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Name').fill('EU 1');
      await dialog.getByLabel('Labels').fill('region: eu');
      await expectNoAxeViolations(page);
      await dialog.getByRole('button', { name: 'Add a cluster' }).click();
      await dialog.getByText('must have 1 to 63 of a-z').waitFor();
      await dialog.getByLabel('Name').fill('eu-1');
      await dialog.getByRole('button', { name: 'Add a cluster' }).click();
      await page.getByRole('heading', { level: 2, name: 'eu-1' }).waitFor();
      await page.getByText('region: eu').waitFor();
      expect(await (await create('two')).json()).toMatchObject({ cluster: 'eu-1' });
    } finally {
      await api.kill('SIGTERM');
      await connection.close();
      await database.drop();
    }
  });
});
