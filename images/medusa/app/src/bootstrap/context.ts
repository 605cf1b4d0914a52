import type { Logger, MedusaContainer } from '@medusajs/framework/types';
import { setting } from '../setup/environment';

/** Credentials of the admin user. */
export interface Admin {
  readonly email: string;
  readonly password: string;
}

/** Settings of a new store. */
export interface Settings {
  readonly storeName: string;
  /** ISO 4217 code in lower case, as Medusa expects it. */
  readonly currency: string;
  /** ISO 3166-1 alpha-2 code in lower case. */
  readonly country: string;
  readonly admin: Admin;
}

/** Input of every step of the bootstrap. */
export interface BootstrapContext {
  readonly container: MedusaContainer;
  readonly logger: Logger;
  readonly settings: Settings;
}

/** Reads the settings from the environment. @throws Error that names the missing variable. */
export function settingsOf(admin: Admin): Settings {
  return {
    storeName: setting('STORE_NAME'),
    currency: setting('STORE_CURRENCY').toLowerCase(),
    country: setting('STORE_COUNTRY').toLowerCase(),
    admin,
  };
}
