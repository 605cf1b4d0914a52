import { createSaleSteps, type SaleSteps } from './verification-steps.ts';
import type { CheckInput } from './checkout-client.ts';
import { createStoreHttp, type StoreHttp } from './store-http.ts';

/** What a visit to a store is made with. */
export interface StoreVisit {
  readonly http: StoreHttp;
  readonly steps: SaleSteps;
}

/** Visits a store; the connections are closed afterwards, whatever came of it. */
export async function visitStore<T>(
  { baseUrl, signal, onStep }: CheckInput & { readonly baseUrl: string },
  work: (visit: StoreVisit) => Promise<T>,
): Promise<T> {
  const http = createStoreHttp({ baseUrl, signal });
  try {
    return await work({ http, steps: createSaleSteps({ signal, onStep }) });
  } finally {
    await http.close();
  }
}
