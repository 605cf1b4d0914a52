import { createVerificationSteps, type VerificationSteps } from './verification-steps.ts';
import type { CheckoutInput } from './checkout-client.ts';
import { createStoreHttp, type StoreHttp } from './store-http.ts';

/** What a visit to a store is made with. */
export interface StoreSession {
  readonly http: StoreHttp;
  readonly steps: VerificationSteps;
}

/** Visits a store; the connections are closed afterwards, whatever came of it. */
export async function withStoreSession<T>(
  { baseUrl, signal, onStep }: CheckoutInput & { readonly baseUrl: string },
  work: (visit: StoreSession) => Promise<T>,
): Promise<T> {
  const http = createStoreHttp({ baseUrl, signal });
  try {
    return await work({ http, steps: createVerificationSteps({ signal, onStep }) });
  } finally {
    await http.close();
  }
}
