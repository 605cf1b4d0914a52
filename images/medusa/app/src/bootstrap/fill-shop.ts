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
 * Creates everything that a migrated database needs to take orders: admin user, region, tax region, stock location, shipping
 * option and one product. Each step is idempotent, so an interrupted run can be repeated. When all steps are done it marks the
 * store. Later runs change nothing, so they do not restore what the merchant has changed or deleted.
 *
 * @returns a sentence that says what was done
 * @throws Error when the database is not migrated or a step fails.
 */
export async function fillShop(container: MedusaContainer, admin: Admin): Promise<string> {
  const logger = container.resolve(ContainerRegistrationKeys.LOGGER);
  const context: BootstrapContext = { container, logger, settings: settingsOf(admin) };
  const knex = container.resolve(ContainerRegistrationKeys.PG_CONNECTION);
  // The lock belongs to the transaction, so Postgres releases it when this process dies.
  return knex.transaction(async (transaction: Sql) => {
    await transaction.raw(`select pg_advisory_xact_lock(hashtext('store-platform/bootstrap'))`);
    return fillShopLocked(context);
  });
}

async function fillShopLocked(context: BootstrapContext): Promise<string> {
  const stores = context.container.resolve(Modules.STORE);
  const [store] = await stores.listStores({}, { take: 1 });
  if (!store) throw new Error('the database contains no store: run the migrations first');
  if (store.metadata?.bootstrapped_at)
    return `the shop was already filled at ${String(store.metadata.bootstrapped_at)}`;
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
  return 'the shop can take orders';
}
