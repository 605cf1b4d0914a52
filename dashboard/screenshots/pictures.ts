import type { Page } from 'playwright-core';
import { opened } from '../test/opened.ts';
import type { PageOptions, TestRole } from '../test/platform.ts';
import type { Examples } from './examples.ts';

/** A picture of a page of the dashboard. */
export interface Picture extends Pick<PageOptions, 'theme' | 'viewport'> {
  /** Name of the file, without `.png`. */
  readonly name: string;
  readonly role: TestRole;
  readonly path: (examples: Examples) => string;
  /** Waits until the page shows everything that belongs on the picture. */
  readonly shown: (page: Page) => Promise<void>;
}

const PHONE = { width: 360, height: 740 };

const STORES = {
  role: 'admin',
  path: () => '/',
  shown: async (page) => {
    await opened(page, 'Stores');
    await page.getByRole('link', { name: 'Acme Shoes' }).waitFor();
    await page.getByText('The nodes are simulated').waitFor();
  },
} as const satisfies Partial<Picture>;

const STORE = {
  role: 'admin',
  path: ({ readyId }) => `/stores/${readyId}`,
  shown: async (page) => {
    await opened(page, 'Acme Shoes');
    await page.locator('[data-step="verify"][data-state="skipped"]').waitFor();
  },
} as const satisfies Partial<Picture>;

/** All pictures, in the order in which they are taken. */
export const PICTURES: readonly Picture[] = [
  { name: 'stores', ...STORES },
  { name: 'stores-dark', ...STORES, theme: 'dark' },
  { name: 'stores-phone', ...STORES, viewport: PHONE },
  {
    name: 'create-store',
    role: 'admin',
    path: () => '/stores/new',
    shown: async (page) => {
      await opened(page, 'Create a store');
      await page.getByLabel('Name').fill('Harbour Coffee');
    },
  },
  { name: 'store', ...STORE },
  { name: 'store-dark', ...STORE, theme: 'dark' },
  {
    name: 'failed-store',
    role: 'admin',
    path: ({ failedId }) => `/stores/${failedId}`,
    shown: async (page) => {
      await opened(page, 'Copper Kitchen');
      await page.getByText('NAMESPACE_FOREIGN').first().waitFor();
    },
  },
  {
    name: 'overview',
    role: 'admin',
    path: () => '/overview',
    shown: async (page) => {
      await opened(page, 'Overview');
      await page.locator('canvas').first().waitFor();
    },
  },
  {
    name: 'fleet',
    role: 'operator',
    path: () => '/operator',
    shown: async (page) => {
      await opened(page, 'Fleet');
      await page.locator('canvas').first().waitFor();
    },
  },
];
