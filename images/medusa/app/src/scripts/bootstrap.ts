import type { ExecArgs } from '@medusajs/framework/types';
import { ContainerRegistrationKeys, Modules } from '@medusajs/framework/utils';
import { ensureAdminUser } from '../bootstrap/admin-user';
import { type Ground, settingsFromEnvironment } from '../bootstrap/ground';
import { ensureSampleProduct } from '../bootstrap/product';
import { ensureRegion, ensureStoreCurrency, ensureTaxRegion } from '../bootstrap/region';
import { ensureServiceZone, ensureShippingOption, ensureStockLocation } from '../bootstrap/shipping';

/**
 * Turns a migrated database into a shop that sells: admin user, region, tax region, stock location, shipping option and
 * one product. Each step looks first, so a run that was cut off is simply started again. Once all are there, the store
 * is marked, and later runs leave it alone: what the merchant changed or deleted since must not come back.
 */
export default async function bootstrap({ container }: ExecArgs): Promise<void> {
  const logger = container.resolve(ContainerRegistrationKeys.LOGGER);
  const ground: Ground = { container, logger, settings: settingsFromEnvironment(process.env) };
  const knex = container.resolve(ContainerRegistrationKeys.PG_CONNECTION);
  await noteMigrated(knex, ground.settings.setupRevision);
  // One at a time, held by the open transaction: it is free again as soon as this process is gone.
  await knex.transaction(async (transaction: Sql) => {
    await transaction.raw(`select pg_advisory_xact_lock(hashtext('store-platform/bootstrap'))`);
    await bootstrapAlone(ground);
  });
}

/** Server and worker wait for this: the schema is there, and so are the defaults that Medusa makes when it is loaded. */
async function noteMigrated(knex: Sql, revision: string): Promise<void> {
  await knex.raw('create schema if not exists store_platform');
  await knex.raw(
    'create table if not exists store_platform.setup (revision text primary key, at timestamptz not null default now())',
  );
  await knex.raw('insert into store_platform.setup (revision) values (?) on conflict do nothing', [revision]);
}

interface Sql {
  raw(sql: string, values?: readonly string[]): Promise<unknown>;
}

async function bootstrapAlone(ground: Ground): Promise<void> {
  const stores = ground.container.resolve(Modules.STORE);
  const [store] = await stores.listStores({}, { take: 1 });
  if (!store) throw new Error('Medusa has made no store: are the migrations through?');
  if (store.metadata?.bootstrapped_at) {
    ground.logger.info(`bootstrap: done before, at ${String(store.metadata.bootstrapped_at)}`);
    return;
  }
  const salesChannelId = store.default_sales_channel_id;
  if (!salesChannelId) throw new Error('the store has no default sales channel');

  await ensureAdminUser(ground);
  await ensureStoreCurrency(ground, store.id);
  await ensureRegion(ground);
  await ensureTaxRegion(ground);
  const stockLocationId = await ensureStockLocation(ground, salesChannelId);
  const serviceZoneId = await ensureServiceZone(ground, stockLocationId);
  const shippingProfileId = await ensureShippingOption(ground, serviceZoneId);
  await ensureSampleProduct(ground, { salesChannelId, stockLocationId, shippingProfileId });

  const metadata = { ...store.metadata, bootstrapped_at: new Date().toISOString() };
  await stores.updateStores(store.id, { metadata });
  ground.logger.info('bootstrap: the store can sell');
}
