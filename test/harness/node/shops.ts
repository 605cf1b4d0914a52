import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import type { StoreHttp } from '../../../activities/verification/store-http.ts';
import type { Engine } from '../../../domain/engines/index.ts';
import {
  buyInBrowser,
  type Login,
  type PageOpener,
  seeOrderInAdmin,
  signInToMedusa,
  signInToWordpress,
} from './browser.ts';

/** Values of the Secret keys that `adminCredentials` of the engine names. */
export type MerchantCredentials = Login;

/** How a test reads and uses the stores of one engine. */
export interface Shop {
  /** Reads records that must survive a restart of every pod. */
  readonly records: (http: StoreHttp, merchant: MerchantCredentials) => Promise<readonly unknown[]>;
  /** The records of a store that has just become ready. Jest's `toEqual` compares them. */
  readonly initialRecords: readonly unknown[];
  /** Signs in to the admin pages of the engine. */
  readonly signIn: (page: Page, admin: string, merchant: MerchantCredentials) => Promise<void>;
  /** The pages that the platform ships for the engine; null if the pages come from the engine itself. */
  readonly pages: ShopPages | null;
}

/** An order in the pages of a store adds one record to `records`. */
export interface ShopPages {
  /** Buys the first product. Returns the number of the order. */
  readonly buy: (browser: PageOpener, storefront: string, email: string) => Promise<number>;
  readonly seeOrderInAdmin: (
    browser: PageOpener,
    admin: string,
    merchant: MerchantCredentials & { readonly order: number },
  ) => Promise<void>;
}

const MedusaToken = z.object({ token: z.string() });
const MedusaOrders = z.object({ orders: z.array(z.object({ display_id: z.number(), status: z.string() })) });
const WooProducts = z.array(z.object({ id: z.number(), name: z.string(), prices: z.object({ price: z.string() }) }));

export const SHOPS: Readonly<Record<Engine, Shop>> = {
  medusa: {
    /** All orders, with the cancelled verification order. */
    async records(http, { user, password }) {
      const { token } = (
        await http.request({
          step: 'sign-in',
          method: 'POST',
          path: '/auth/user/emailpass',
          body: { email: user, password },
          answer: MedusaToken,
        })
      ).body;
      const { body } = await http.request({
        step: 'orders',
        method: 'GET',
        path: '/admin/orders?fields=display_id,status',
        headers: { authorization: `Bearer ${token}` },
        answer: MedusaOrders,
      });
      return body.orders;
    },
    initialRecords: [{ display_id: 1, status: 'archived' }],
    signIn: signInToMedusa,
    pages: {
      buy: buyInBrowser,
      seeOrderInAdmin,
    },
  },
  woocommerce: {
    /** All products. */
    async records(http) {
      const path = '/wp-json/wc/store/v1/products?_fields=id,name,prices';
      return (await http.request({ step: 'products', method: 'GET', path, answer: WooProducts })).body;
    },
    initialRecords: [expect.anything()],
    signIn: signInToWordpress,
    pages: null,
  },
};
