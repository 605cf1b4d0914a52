import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openPlatform, type BrowserTestPlatform } from '../platform.ts';

let platform: BrowserTestPlatform;
beforeAll(async () => {
  platform = await openPlatform();
  const post = (role: 'admin' | 'member', name: string) =>
    platform.clientAs(role).POST('/api/tokens', { params: { header: { 'Idempotency-Key': name } }, body: { name } });
  for (let count = 0; count < 51; count += 1) await post('admin', `token ${count}`);
  await post('member', 'token of the member');
  const refused = platform.clientAs('member').POST('/api/invitations', {
    params: { header: { 'Idempotency-Key': 'refused' } },
    body: {},
  });
  await expect(refused).rejects.toMatchObject({ status: 403 });
});
afterAll(() => platform.close());

test('filters stand in the address, so that the back button and a link show the same entries', async () => {
  const page = await platform.pageAs('admin', { path: '/settings/audit' });
  const rows = page.getByRole('table', { name: 'Audit log' }).locator('tbody tr');
  await page.getByRole('cell', { name: 'Refused' }).waitFor();
  expect(await rows.count()).toBe(50);
  await page.getByRole('button', { name: 'Load more' }).click();
  await rows.nth(52).waitFor();

  await page.getByRole('combobox', { name: 'Outcome' }).selectOption('Refused');
  await page.waitForURL('**/settings/audit?outcome=refused');
  await page.getByRole('cell', { name: 'Invite person' }).waitFor();
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);

  await page.getByRole('combobox', { name: 'Actor' }).selectOption('Admin Person');
  await page.getByText('No entry matches the filters').waitFor();
  await page.goBack();
  await page.getByRole('cell', { name: 'Invite person' }).waitFor();
  await page.reload();
  await page.getByRole('cell', { name: 'Invite person' }).waitFor();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await rows.nth(49).waitFor();
});

test('an entry shows its fields, and its correlation id can be copied', async () => {
  const page = await platform.pageAs('admin', { path: '/settings/audit?action=createToken&outcome=succeeded' });
  await page.getByRole('button', { name: 'Details' }).first().click();
  const copy = page.getByRole('button', { name: 'Copy the correlation id' });
  await copy.click();
  const id = await page.evaluate(() => navigator.clipboard.readText());
  expect(id).toMatch(/^[\w-]+$/);
  await page.getByText('name: token of the member').waitFor();
  await page.getByRole('button', { name: 'Show only this actor' }).click();
  await page.waitForURL('**actor=user*');
});

test('a time range without entries is empty', async () => {
  const page = await platform.pageAs('admin', {
    path: '/settings/audit?range=custom&from=2020-01-01T00:00:00Z&before=2020-01-02T00:00:00Z',
  });
  await page.getByText('No entry matches the filters').waitFor();
  expect(await page.getByLabel('From').inputValue()).toBe('2020-01-01T01:00');
});

test('a member may not see the audit log', async () => {
  const page = await platform.pageAs('member', { path: '/settings/audit' });
  await page.getByRole('heading', { level: 1, name: 'Page not found' }).waitFor();
});
