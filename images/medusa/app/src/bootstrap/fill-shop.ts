import type { MedusaContainer } from '@medusajs/framework/types';
import { ContainerRegistrationKeys, Modules } from '@medusajs/framework/utils';
import { ensureAdminUser } from './admin-user';
import { type Admin, type BootstrapContext, settingsOf } from './context';
import { ensureSampleProduct } from './product';
import { ensureRegion, ensureStoreCurrency, ensureTaxRegion } from './region';
import { ensureServiceZone, ensureShippingOption, ensureStockLocation } from './shipping';

interface Sql {
  raw(sql: string): Promise<unknown>;
}

/**
 * Turns a migrated database into a shop that sells: admin user, region, tax region, stock location, shipping option and
 * one product. Each step looks first, so a run that was cut off is simply started again. Once all are there, the store
 * is marked, and later runs leave it alone: what the merchant changed or deleted since must not come back.
 *
 * @returns what was done, in a sentence
 */
export async function fillShop(container: MedusaContainer, admin: Admin): Promise<string> {
  const logger = container.resolve(ContainerRegistrationKeys.LOGGER);
  const context: BootstrapContext = { container, logger, settings: settingsOf(admin) };
  const knex = container.resolve(ContainerRegistrationKeys.PG_CONNECTION);
  // One at a time, held by the open transaction: it is free again as soon as this process is gone.
  return knex.transaction(async (transaction: Sql) => {
    await transaction.raw(`select pg_advisory_xact_lock(hashtext('store-platform/bootstrap'))`);
    return fillShopAlone(context);
  });
}

async function fillShopAlone(context: BootstrapContext): Promise<string> {
  const stores = context.container.resolve(Modules.STORE);
  const [store] = await stores.listStores({}, { take: 1 });
  if (!store) throw new Error('Medusa has made no store: are the migrations through?');
  if (store.metadata?.bootstrapped_at)
    return `the shop was filled before, at ${String(store.metadata.bootstrapped_at)}`;
  const salesChannelId = store.default_sales_channel_id;
  if (!salesChannelId) throw new Error('the store has no default sales channel');

  await ensureAdminUser(context);
  await ensureStoreCurrency(context, store.id);
  await ensureRegion(context);
  await ensureTaxRegion(context);
  const stockLocationId = await ensureStockLocation(context, salesChannelId);
  const serviceZoneId = await ensureServiceZone(context, stockLocationId);
  const shippingProfileId = await ensureShippingOption(context, serviceZoneId);
  await ensureSampleProduct(context, { salesChannelId, stockLocationId, shippingProfileId });

  const metadata = { ...store.metadata, bootstrapped_at: new Date().toISOString() };
  await stores.updateStores(store.id, { metadata });
  return 'the store can sell';
}
