import { chromium, type Browser } from 'playwright-core';
import { chromiumOptions } from '../chromium.ts';

/** Covers the first page of a server that has just started. */
const PAGE_TIMEOUT_MS = 30_000;

/** Starts a headless Chromium. It resolves names below `.localhost` to this machine itself. @throws Error if none is installed. */
export async function openBrowser(): Promise<Browser> {
  return chromium.launch({ ...chromiumOptions(), timeout: PAGE_TIMEOUT_MS });
}

/**
 * Places an order for the first product of a Medusa storefront, page by page, as a customer does.
 *
 * @returns The order number that the last page shows.
 */
export async function buyInBrowser(browser: Browser, storefront: string, email: string): Promise<number> {
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

/** Signs in to Medusa's admin pages and waits until the order list shows the order. */
export async function seeOrderInAdmin(
  browser: Browser,
  admin: string,
  { email, password, order }: { readonly email: string; readonly password: string; readonly order: number },
): Promise<void> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PAGE_TIMEOUT_MS);
  try {
    await page.goto(admin);
    await page.locator('input[name="email"]').fill(email);
    await page.locator('input[name="password"]').fill(password);
    await page.locator('button[type="submit"]').click();
    await page.waitForURL((url) => !url.pathname.endsWith('/login'));
    await page.goto(new URL('orders', admin.endsWith('/') ? admin : `${admin}/`).href);
    await page.getByText(`#${order}`, { exact: true }).waitFor();
  } finally {
    await page.close();
  }
}
