import { chromium, type Browser, type Page } from 'playwright-core';
import { chromiumOptions } from '../chromium.ts';

/** Covers the first page of a server that has just started. */
const PAGE_TIMEOUT_MS = 30_000;

/** A browser, or one of its contexts. */
export interface PageOpener {
  newPage(): Promise<Page>;
}

/**
 * Starts a headless Chromium. It resolves names below `.localhost` to this machine itself.
 *
 * @param trustedKey Hash of the public key of an authority, as `issuerKeyOf` returns it. The browser trusts all certificates of
 *   that authority, and its own authorities.
 * @throws Error if none is installed.
 */
export async function openBrowser(trustedKey?: string): Promise<Browser> {
  const args = trustedKey === undefined ? [] : [`--ignore-certificate-errors-spki-list=${trustedKey}`];
  return chromium.launch({ ...chromiumOptions(), args, timeout: PAGE_TIMEOUT_MS });
}

/**
 * Places an order for the first product of a Medusa storefront, page by page, as a customer does.
 *
 * @returns The order number that the last page shows.
 */
export async function buyInBrowser(browser: PageOpener, storefront: string, email: string): Promise<number> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PAGE_TIMEOUT_MS);
  try {
    await page.goto(storefront);
    await page.locator('a.card').first().click();
    await page.getByRole('button', { name: 'Add to cart' }).click();
    await page.getByRole('link', { name: 'Go to checkout' }).click();
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('First name').fill('Ada');
    await page.getByLabel('Last name').fill('Customer');
    await page.getByLabel('Address').fill('1 Main Street');
    await page.getByLabel('Postcode').fill('10115');
    await page.getByLabel('City').fill('Berlin');
    await page.getByRole('button', { name: 'Place order' }).click();
    await page.getByRole('heading', { name: 'Thank you' }).waitFor();
    return Number(await page.locator('main strong').innerText());
  } finally {
    await page.close();
  }
}

/** Values with which a person signs in to the admin pages. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

/** Signs in to Medusa's admin pages. */
export async function signInToMedusa(page: Page, admin: string, { user, password }: Login): Promise<void> {
  await page.goto(admin);
  await page.locator('input[name="email"]').fill(user);
  await page.locator('input[name="password"]').fill(password);
  await page.locator('button[type="submit"]').click();
  await page.waitForURL((url) => !url.pathname.endsWith('/login'));
}

/** Signs in to WordPress's admin pages, which may load pictures of other sites for a long time. */
export async function signInToWordpress(page: Page, admin: string, { user, password }: Login): Promise<void> {
  await page.goto(admin, { waitUntil: 'domcontentloaded' });
  await page.locator('#user_login').fill(user);
  await page.locator('#user_pass').fill(password);
  await page.locator('#wp-submit').click();
  await page.waitForURL((url) => url.pathname.startsWith('/wp-admin/'), { waitUntil: 'domcontentloaded' });
  await page.locator('#wpadminbar').waitFor({ state: 'attached' });
}

/** Signs in to Medusa's admin pages and waits until the order list shows the order. */
export async function seeOrderInAdmin(
  browser: PageOpener,
  admin: string,
  { order, ...login }: Login & { readonly order: number },
): Promise<void> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PAGE_TIMEOUT_MS);
  try {
    await signInToMedusa(page, admin, login);
    await page.goto(new URL('orders', admin.endsWith('/') ? admin : `${admin}/`).href);
    await page.getByText(`#${order}`, { exact: true }).waitFor();
  } finally {
    await page.close();
  }
}
