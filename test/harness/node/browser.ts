import { chromium, type Browser } from 'playwright-core';
import which from 'which';

/** Covers the first page of a server that has just started. */
const PAGE_TIMEOUT_MS = 30_000;

function findChromium(): string | undefined {
  const named = process.env['CHROMIUM_BIN'];
  if (named !== undefined && named !== '') return named;
  return (
    ['chromium', 'chromium-browser', 'google-chrome']
      .map((name) => which.sync(name, { nothrow: true }))
      .find(Boolean) ?? undefined
  );
}

/** Returns why no browser is available on this machine, or undefined if one is. */
export function browserProblem(): string | undefined {
  if (findChromium() !== undefined) return undefined;
  return 'Chromium is not installed. Run "apt-get install chromium" or set CHROMIUM_BIN to its path';
}

/** Starts a headless Chromium. It resolves names below `.localhost` to this machine itself. @throws Error if none is installed. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(browserProblem());
  // Chromium does not start its sandbox as root, and the tests on a real node run as root.
  return chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0, timeout: PAGE_TIMEOUT_MS });
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
