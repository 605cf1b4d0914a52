import { isLoopback } from '../../domain/loopback.ts';

/**
 * Checks that only this machine can reach the API, because the API has no authentication yet.
 *
 * @throws Error when `host` is not a loopback address.
 */
export function assertLoopback(host: string): void {
  if (isLoopback(host)) return;
  throw new Error(
    `HOST=${host} would open the API to other machines, and the API has no authentication yet: set HOST=127.0.0.1`,
  );
}
