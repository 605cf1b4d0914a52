import { BOOTSTRAP_KEY_HEADER, bootstrapKey } from './bootstrap-key';
import { withDatabase } from './database';
import { secretFile, setting } from './environment';
import { eventually, messageOf } from './eventually';
import { noteFilled } from './progress';

/**
 * Has the store's server fill the shop: `node src/setup/bootstrap.js`. The server has all of Medusa loaded, which takes a
 * process of its own eight seconds; the admin's password is sent to it once, so that no long-lived pod holds it.
 */

/** The pod's deadline ends this sooner; it is there for whoever runs this by hand. */
const WAIT_SECONDS = 600;
const ANSWER_MS = 60_000;

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** @throws Error while nobody is there who can do it: no server yet, or one of a release that did not know of this. */
async function ask(url: URL, body: string): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [BOOTSTRAP_KEY_HEADER]: bootstrapKey() },
    body,
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  const text = await response.text();
  if (response.status === 404 || response.status === 503) throw new Error(`it answers ${response.status}`);
  return { status: response.status, text };
}

async function main(): Promise<void> {
  const url = new URL('/bootstrap', setting('MEDUSA_URL'));
  const body = JSON.stringify({ email: secretFile('ADMIN_EMAIL_FILE'), password: secretFile('ADMIN_PASSWORD_FILE') });
  const { status, text } = await eventually(WAIT_SECONDS, "the store's server can't be asked", () => ask(url, body));
  if (status !== 200) throw new Error(`the shop was not filled: ${status} ${text}`);
  // By the Job and not by the server: during an upgrade it may be the former release's that has answered.
  await withDatabase((database) => noteFilled(database, setting('SETUP_REVISION')));
  process.stdout.write(`bootstrap: ${text}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
