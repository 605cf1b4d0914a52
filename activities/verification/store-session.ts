import { createVerificationSteps, type VerificationSteps } from './verification-steps.ts';
import type { CheckoutInput } from './checkout-client.ts';
import { createStoreHttp, type StoreAddress, type StoreHttp } from './store-http.ts';

/** HTTP client and step log of one customer. */
export interface StoreSession {
  readonly http: StoreHttp;
  readonly steps: VerificationSteps;
}

/** Runs `work` with a session of its own and closes its connections afterwards. */
export async function withStoreSession<T>(
  { signal, onStep, ...address }: CheckoutInput & StoreAddress,
  work: (session: StoreSession) => Promise<T>,
): Promise<T> {
  return withStoreHttp({ ...address, signal }, (http) =>
    work({ http, steps: createVerificationSteps({ signal, onStep }) }),
  );
}

/** Runs `work` with an HTTP client of its own and closes its connections afterwards. */
export async function withStoreHttp<T>(
  address: StoreAddress & { readonly signal?: AbortSignal | undefined },
  work: (http: StoreHttp) => Promise<T>,
): Promise<T> {
  const http = createStoreHttp(address);
  try {
    return await work(http);
  } finally {
    await http.close();
  }
}
