import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { openPlatform, type BrowserTestPlatform } from '../platform.ts';

const OLD = 'correct horse battery staple';
const NEW = 'a sentence that is hard to guess';

let platform: BrowserTestPlatform;
beforeAll(async () => {
  platform = await openPlatform();
});
afterAll(() => platform.close());

/** Creates a user by an invitation, and opens a page in a browser that is logged in. */
async function newPerson(email: string): Promise<Page> {
  const { data } = await platform.clientAs('admin').POST('/api/invitations', {
    params: { header: { 'Idempotency-Key': email } },
    body: { email },
  });
  const page = await platform.pageAs('nobody', { path: null });
  await page.goto(data?.url ?? '');
  await page.getByLabel('Name').fill('Ada');
  await page.getByLabel('Password').fill(OLD);
  await page.getByRole('button', { name: 'Create the user and accept' }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/invitations'));
  await page.goto('/settings/profile');
  await page.getByRole('heading', { level: 1, name: 'Profile' }).waitFor();
  return page;
}

async function logIn(email: string, password: string): Promise<number> {
  const response = await fetch(`${platform.url}/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: platform.url, 'user-agent': 'Firefox/140.0 (Windows)' },
    body: JSON.stringify({ email, password }),
  });
  return response.status;
}

test('a person changes the password, and the other sessions end', async () => {
  const email = 'password@example.com';
  const page = await newPerson(email);
  expect(await logIn(email, OLD)).toBe(200);
  await page.reload();
  await page.getByRole('cell', { name: 'Firefox · Windows', exact: true }).waitFor();

  await page.getByLabel('Present password').fill('a wrong password');
  await page.getByLabel('New password', { exact: true }).fill(NEW);
  await page.getByLabel('New password again').fill('something else');
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByText('The two entries differ.').waitFor();
  await page.getByLabel('New password again').fill(NEW);
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByText('This is not your present password.').waitFor();
  await page.getByLabel('Present password').fill(OLD);
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByText('Your password is changed').waitFor();
  await page.getByRole('cell', { name: 'Firefox · Windows', exact: true }).waitFor({ state: 'detached' });
  expect(await page.getByLabel('Present password').inputValue()).toBe('');
  expect([await logIn(email, OLD), await logIn(email, NEW)]).toEqual([401, 200]);
});

test('a person ends one session, then all others, and logs out', async () => {
  const email = 'sessions@example.com';
  const page = await newPerson(email);
  for (let count = 0; count < 3; count += 1) await logIn(email, OLD);
  await page.reload();
  const others = page.getByRole('button', { name: 'End the session of Firefox · Windows' });
  await others.nth(2).waitFor();
  await others.first().click();
  await others.nth(2).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'End all others' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'End sessions' }).click();
  await page.getByText('All other sessions have ended').waitFor();
  await others.first().waitFor({ state: 'detached' });
  await page.getByRole('main').getByRole('button', { name: 'Log out' }).click();
  await page.waitForURL('**/login');
});

test('shows the quota of the tenant, and changes language and theme', async () => {
  const page = await newPerson('looks@example.com');
  await page
    .getByText(/^0 of \d+$/)
    .first()
    .waitFor();
  await page.getByRole('combobox', { name: 'Theme' }).selectOption('Dark');
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
  await page.getByRole('combobox', { name: 'Language' }).selectOption('Deutsch');
  await page.getByRole('heading', { level: 1, name: 'Profil' }).waitFor();
});

test('a session that ends while a form is open leads to the login and back', async () => {
  const page = await newPerson('expired@example.com');
  await page.goto('/settings/tokens');
  await page.getByRole('button', { name: 'Create token' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Late');
  await platform.query(
    "delete from sessions where user_id = (select id from users where email = 'expired@example.com')",
  );
  // The page may find out before the click, by another request, and then the button is gone.
  const click = dialog.getByRole('button', { name: 'Create token' }).click({ timeout: 10_000 });
  await click.catch(() => undefined);
  await page.waitForURL('**/login?next=%2Fsettings%2Ftokens');
});
