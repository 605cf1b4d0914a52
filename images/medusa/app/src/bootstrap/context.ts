import type { Logger, MedusaContainer } from '@medusajs/framework/types';
import { setting } from '../setup/environment';

/** The merchant's first log-in. */
export interface Admin {
  readonly email: string;
  readonly password: string;
}

/** What a new store is made of. */
export interface Settings {
  readonly storeName: string;
  /** ISO 4217, lower case as Medusa wants it. */
  readonly currency: string;
  /** ISO 3166-1 alpha-2, lower case. */
  readonly country: string;
  readonly admin: Admin;
}

/** What every step of the bootstrap stands on. */
export interface BootstrapContext {
  readonly container: MedusaContainer;
  readonly logger: Logger;
  readonly settings: Settings;
}

/** @throws Error that names the variable which is missing. */
export function settingsOf(admin: Admin): Settings {
  return {
    storeName: setting('STORE_NAME'),
    currency: setting('STORE_CURRENCY').toLowerCase(),
    country: setting('STORE_COUNTRY').toLowerCase(),
    admin,
  };
}
