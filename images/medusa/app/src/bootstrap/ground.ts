import { readFileSync } from 'node:fs';
import type { Logger, MedusaContainer } from '@medusajs/framework/types';

/** What a new store is made of. */
export interface Settings {
  readonly storeName: string;
  /** ISO 4217, lower case as Medusa wants it. */
  readonly currency: string;
  /** ISO 3166-1 alpha-2, lower case. */
  readonly country: string;
  readonly adminEmail: string;
  readonly adminPassword: string;
  /** Names the release whose server and worker wait for the database. */
  readonly setupRevision: string;
}

/** What every step of the bootstrap stands on. */
export interface Ground {
  readonly container: MedusaContainer;
  readonly logger: Logger;
  readonly settings: Settings;
}

type Env = Readonly<Record<string, string | undefined>>;

/** @throws Error that names the variable which is missing or leads to no file. */
export function settingsFromEnvironment(env: Env): Settings {
  return {
    storeName: text(env, 'STORE_NAME'),
    currency: text(env, 'STORE_CURRENCY').toLowerCase(),
    country: text(env, 'STORE_COUNTRY').toLowerCase(),
    adminEmail: secretFile(env, 'ADMIN_EMAIL_FILE'),
    adminPassword: secretFile(env, 'ADMIN_PASSWORD_FILE'),
    setupRevision: text(env, 'SETUP_REVISION'),
  };
}

function text(env: Env, name: string): string {
  const value = env[name]?.trim();
  if (!value) throw new Error(`${name} is missing`);
  return value;
}

function secretFile(env: Env, name: string): string {
  const path = text(env, name);
  const value = readFileSync(path, 'utf8').trim();
  if (!value) throw new Error(`the file that ${name} names is empty: ${path}`);
  return value;
}
