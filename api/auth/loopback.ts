import { isLoopback } from '../../domain/loopback.ts';

/**
 * Checks that only this machine can reach an API without authentication.
 *
 * @throws Error in one sentence when AUTH is `none` and HOST is not a loopback address.
 */
export function assertLoopback({ AUTH: auth, HOST: host }: { readonly AUTH: string; readonly HOST: string }): void {
  if (auth !== 'none' || isLoopback(host)) return;
  throw new Error(
    `HOST=${host} would open the API to other machines, and AUTH=none turns authentication off: set HOST=127.0.0.1 or AUTH=local`,
  );
}
