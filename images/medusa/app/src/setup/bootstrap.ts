import { BOOTSTRAP_KEY_HEADER, bootstrapKey } from './bootstrap-key';
import { withDatabase } from './database';
import { secretFile, setting } from './environment';
import { eventually, messageOf } from './eventually';
import { recordFilled } from './progress';

/**
 * Asks the store's server to fill the shop: `node src/setup/bootstrap.js`. The server has loaded Medusa already, which takes a
 * new process eight seconds. The Job sends the admin's password once, so that no long-lived pod has it.
 */

/** Limit for a manual run. In a cluster the deadline of the Job is shorter. */
const WAIT_SECONDS = 600;
const REQUEST_TIMEOUT_MS = 60_000;

interface BootstrapResponse {
  readonly status: number;
  readonly text: string;
}

/** @throws Error when the request must be repeated: the server does not run yet, or it is of a release without this path. */
async function requestBootstrap(url: URL, body: string): Promise<BootstrapResponse> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [BOOTSTRAP_KEY_HEADER]: bootstrapKey() },
    body,
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  const text = await response.text();
  if (response.status === 404 || response.status === 503) throw new Error(`it returned ${response.status}`);
  return { status: response.status, text };
}

async function main(): Promise<void> {
  const url = new URL('/bootstrap', setting('MEDUSA_URL'));
  const body = JSON.stringify({ email: secretFile('ADMIN_EMAIL_FILE'), password: secretFile('ADMIN_PASSWORD_FILE') });
  const { status, text } = await eventually(WAIT_SECONDS, 'the Medusa server is not ready', () =>
    requestBootstrap(url, body),
  );
  if (status !== 200) throw new Error(`the server did not fill the shop: ${status} ${text}`);
  // The Job writes this record and not the server, because during an upgrade a server of the old release may have responded.
  await withDatabase((database) => recordFilled(database, setting('SETUP_REVISION')));
  process.stdout.write(`bootstrap: ${text}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
