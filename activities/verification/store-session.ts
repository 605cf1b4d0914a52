import { createVerificationSteps, type VerificationSteps } from './verification-steps.ts';
import type { CheckoutInput } from './checkout-client.ts';
import { createStoreHttp, type StoreHttp } from './store-http.ts';

/** HTTP client and step log of one verification. */
export interface StoreSession {
  readonly http: StoreHttp;
  readonly steps: VerificationSteps;
}

/** Runs `work` with a session of its own and closes its connections afterwards. */
export async function withStoreSession<T>(
  { baseUrl, signal, onStep }: CheckoutInput & { readonly baseUrl: string },
  work: (session: StoreSession) => Promise<T>,
): Promise<T> {
  const http = createStoreHttp({ baseUrl, signal });
  try {
    return await work({ http, steps: createVerificationSteps({ signal, onStep }) });
  } finally {
    await http.close();
  }
}
