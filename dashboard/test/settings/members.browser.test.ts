import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { openPlatform, type BrowserTestPlatform } from '../platform.ts';

let platform: BrowserTestPlatform;
beforeAll(async () => {
  platform = await openPlatform();
});
afterAll(() => platform.close());

async function openMembers(...[role, options]: Parameters<BrowserTestPlatform['pageAs']>): Promise<Page> {
  const page = await platform.pageAs(role, { path: '/settings/members', ...options });
  await page.getByRole('table', { name: 'Members' }).waitFor();
  return page;
}

describe('an invitation', () => {
  test('makes the person behind another browser a member, until an admin removes them', async () => {
    const page = await openMembers('admin');
    await page.getByRole('button', { name: 'Invite people' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Email address').fill('not an address');
    await dialog.getByRole('button', { name: 'Create link' }).click();
    await dialog.getByText('Enter an email address').waitFor();
    await dialog.getByLabel('Email address').fill('linus@example.com');
    await dialog.getByRole('button', { name: 'Create link' }).click();
    const link = await dialog.getByLabel('Link', { exact: true }).inputValue();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('cell', { name: 'linus@example.com', exact: true }).waitFor();

    const guest = await platform.pageAs('nobody', { path: null });
    await guest.goto(link);
    await guest.getByLabel('Name').fill('Linus');
    await guest.getByLabel('Password').fill('correct horse battery staple');
    await guest.getByRole('button', { name: 'Create the user and accept' }).click();
    await guest.waitForURL((url) => !url.pathname.startsWith('/invitations'));

    // The page finds out by itself.
    await page.getByText('No open invitations').waitFor();
    await page.getByRole('button', { name: 'Remove Linus from the tenant' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove member' }).click();
    await page.getByText('Linus is no longer a member').waitFor();
    await page.getByRole('cell', { name: /^Linus/ }).waitFor({ state: 'detached' });
    await guest.goto('/settings/profile');
    // The banner of every page says it too.
    await guest.getByRole('region', { name: 'Tenants' }).getByText('You are a member of no tenant').waitFor();
  });

  test('stops working when it is revoked', async () => {
    const page = await openMembers('admin');
    await page.getByRole('button', { name: 'Invite people' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Create link' }).click();
    const link = await dialog.getByLabel('Link', { exact: true }).inputValue();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Revoke the invitation for Everyone with the link' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke invitation' }).click();
    await page.getByText('The invitation is revoked').waitFor();
    expect((await fetch(link)).status).toBe(404);
  });
});

describe('roles', () => {
  test('an admin changes the role of a member at once', async () => {
    const page = await openMembers('admin');
    await page.getByRole('combobox', { name: 'Role of Viewer Person' }).selectOption('Member');
    await page.getByText('Viewer Person has the role Member now').waitFor();
    const { data } = await platform.clientAs('admin').GET('/api/members');
    expect(data?.data.find(({ name }) => name === 'Viewer Person')?.role).toBe('member');
    await page.getByRole('combobox', { name: 'Role of Viewer Person' }).selectOption('Viewer');
    await page.getByText('Viewer Person has the role Viewer now').waitFor();
  });

  test('an admin confirms before giving up the own rights, and keeps them after a cancel', async () => {
    const page = await openMembers('admin');
    const select = page.getByRole('combobox', { name: 'Role of Admin Person' });
    await select.selectOption('Viewer');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click();
    expect(await select.inputValue()).toBe('admin');
  });

  test.each(['viewer', 'member'] as const)('a %s sees the members and no action', async (role) => {
    const page = await openMembers(role);
    await page.getByRole('cell', { name: 'Admin Person' }).waitFor();
    expect(await page.getByRole('main').getByRole('button').count()).toBe(0);
    expect(await page.getByRole('main').getByRole('combobox').count()).toBe(0);
    expect(await page.getByText('Open invitations').count()).toBe(0);
  });
});
