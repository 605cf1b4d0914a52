import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivateFile } from '../files.ts';

/** Receivers on this machine. */
const LOOPBACK = '127.0.0.0/8,::1/128';

/**
 * Returns the settings with which the platform sends webhooks, also to receivers on this machine. The first start creates the
 * key, and the state folder keeps it: with another key, the secrets in the database could not be decrypted.
 */
export function webhookSettings(stateDir: string): Readonly<Record<string, string>> {
  const file = join(stateDir, 'webhook.key');
  if (!existsSync(file)) writePrivateFile(file, randomBytes(32).toString('base64'));
  return { WEBHOOK_SECRET_KEY: readFileSync(file, 'utf8').trim(), WEBHOOK_ALLOWED_NETWORKS: LOOPBACK };
}
