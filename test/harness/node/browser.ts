import { chromium, type Browser } from 'playwright-core';
import which from 'which';

/** Long enough for the first page of a server that has just come up. */
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

/** Why there is no browser here, or undefined. */
export function browserProblem(): string | undefined {
  if (findChromium() !== undefined) return undefined;
  return 'there is no Chromium: install it ("apt-get install chromium") or name one in CHROMIUM_BIN';
}

/** A real browser without a window. It takes names below `.localhost` for this machine by itself. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(browserProblem());
  // Chromium refuses its sandbox to root, as whom the tests on a real node run.
  return chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0, timeout: PAGE_TIMEOUT_MS });
}

/**
 * Buys the first product of a Medusa storefront the way a customer does, page by page.
 *
 * @returns the number of the order as the last page shows it
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

/** Signs in to Medusa's admin pages and waits until the list of orders shows this one. */
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
