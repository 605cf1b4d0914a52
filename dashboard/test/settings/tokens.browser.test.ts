import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { openPlatform, type BrowserTestPlatform } from '../platform.ts';

let platform: BrowserTestPlatform;
beforeAll(async () => {
  platform = await openPlatform();
});
afterAll(() => platform.close());

async function statusWith(token: string): Promise<number> {
  return (await fetch(`${platform.url}/api/stores`, { headers: { authorization: `Bearer ${token}` } })).status;
}

async function openTokens(...[role, options]: Parameters<BrowserTestPlatform['pageAs']>): Promise<Page> {
  const page = await platform.pageAs(role, { path: '/settings/tokens', ...options });
  await page.getByRole('heading', { level: 1 }).waitFor();
  return page;
}

/** Fills the form of a new token, which is open, and returns the token that the page shows once. */
async function createToken(page: Page, name: string): Promise<string> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByRole('button', { name: 'Create token' }).click();
  return await dialog.getByLabel('Token', { exact: true }).inputValue();
}

describe('API tokens', () => {
  test('a token works until it is revoked, and the page shows it once', async () => {
    const page = await openTokens('member');
    await page.getByRole('button', { name: 'Create token' }).click();
    const token = await createToken(page, 'Laptop');
    expect(await statusWith(token)).toBe(200);
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(token);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('cell', { name: /^Laptop/ }).waitFor();
    expect(await page.content()).not.toContain(token);
    await page.waitForFunction(() => document.activeElement?.textContent === 'Create token');

    await page.getByRole('button', { name: 'Revoke the token Laptop' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke token' }).click();
    await page.getByText('You have no API tokens').waitFor();
    expect(await statusWith(token)).toBe(401);
  });

  test('a double click creates one token', async () => {
    const page = await openTokens('viewer');
    await page.getByRole('button', { name: 'Create token' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Twice');
    await dialog.getByRole('button', { name: 'Create token' }).dblclick();
    await dialog.getByLabel('Token', { exact: true }).waitFor();
    const { data } = await platform.clientAs('viewer').GET('/api/tokens');
    expect(data?.data.map(({ name }) => name)).toEqual(['Twice']);
  });

  test('a token with scopes may do only what they allow, and the form offers only scopes of the role', async () => {
    const page = await openTokens('member');
    await page.getByRole('button', { name: 'Create token' }).click();
    await page.getByRole('radio', { name: 'Only some scopes' }).check();
    expect(await page.getByLabel('audit:read').count()).toBe(0);
    await page.getByLabel('tokens:read').check();
    const token = await createToken(page, 'Scoped');
    expect(await statusWith(token)).toBe(403);
  });

  test('says at the field what is missing, and moves the focus there', async () => {
    const page = await openTokens('member');
    await page.getByRole('button', { name: 'Create token' }).click();
    await page.getByRole('radio', { name: 'Only some scopes' }).check();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Create token' }).click();
    await dialog.getByText('Enter a name.').waitFor();
    await dialog.getByText('Choose at least one scope.').waitFor();
    await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'name');
  });
});

describe('service accounts', () => {
  test('an admin creates one with a token that ends with it', async () => {
    const page = await openTokens('admin', { path: '/settings/tokens?tab=service-accounts' });
    await page.getByRole('button', { name: 'Create service account' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Deployment');
    await dialog.getByRole('button', { name: 'Create service account' }).click();
    const account = page.getByRole('listitem').filter({ hasText: 'Deployment' }).filter({ hasText: 'Created by' });
    await account.getByRole('button', { name: 'Create token' }).click();
    const token = await createToken(page, 'CI');
    await page.getByRole('button', { name: 'Done' }).click();
    await account.getByRole('cell', { name: /^CI/ }).waitFor();
    expect(await statusWith(token)).toBe(200);

    await account.getByRole('button', { name: 'Delete the service account Deployment' }).click();
    const confirm = page.getByRole('alertdialog');
    expect(await confirm.getByRole('button', { name: 'Delete service account' }).isDisabled()).toBe(true);
    await confirm.getByRole('textbox').fill('Deployment');
    await confirm.getByRole('button', { name: 'Delete service account' }).click();
    await page.getByText('No service accounts').waitFor();
    expect(await statusWith(token)).toBe(401);
  });

  test('are shown to admins only', async () => {
    for (const role of ['viewer', 'member'] as const) {
      const page = await openTokens(role);
      expect(await page.getByRole('tab').count()).toBe(0);
      expect(await page.getByRole('button', { name: 'Create token' }).count()).toBe(1);
    }
  });
});
