import { readStored, writeStored } from '../browser/storage.ts';

const KEY = 'tenant';

/**
 * Returns the tenant that this tab has chosen, or else the one that this browser has chosen last. Undefined: the API takes the
 * first tenant of the user.
 */
export function chosenTenant(): string | undefined {
  return readStored(KEY, () => sessionStorage) ?? readStored(KEY) ?? undefined;
}

/** Chooses the tenant of the requests of this tab, and of tabs that open later. */
export function chooseTenant(tenantId: string | null): void {
  writeStored(KEY, tenantId, () => sessionStorage);
  writeStored(KEY, tenantId);
}
