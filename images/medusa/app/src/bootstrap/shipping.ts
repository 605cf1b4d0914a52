import {
  createLocationFulfillmentSetWorkflow,
  createServiceZonesWorkflow,
  createShippingOptionsWorkflow,
  createStockLocationsWorkflow,
  linkSalesChannelsToStockLocationWorkflow,
} from '@medusajs/medusa/core-flows';
import { ContainerRegistrationKeys, Modules } from '@medusajs/framework/utils';
import type { BootstrapContext } from './context';

const STOCK_LOCATION = 'Warehouse';
const FULFILLMENT_SET = 'Warehouse shipping';
const SERVICE_ZONE = 'Home delivery';
const SHIPPING_OPTION = 'Standard shipping';
const FULFILLMENT_PROVIDER = 'manual_manual';
const SHIPPING_PRICE = 5;

/** Creates the stock location and links it to the sales channel and the manual fulfilment provider. @returns its id. */
export async function ensureStockLocation(context: BootstrapContext, salesChannelId: string): Promise<string> {
  const { container, logger, settings } = context;
  const [known] = await container.resolve(Modules.STOCK_LOCATION).listStockLocations({ name: STOCK_LOCATION });
  let id = known?.id;
  if (!id) {
    const address = { address_1: STOCK_LOCATION, country_code: settings.country };
    const { result } = await createStockLocationsWorkflow(container).run({
      input: { locations: [{ name: STOCK_LOCATION, address }] },
    });
    id = result[0].id;
    logger.info('bootstrap: created the stock location');
  }
  // Creating a link again is safe: each pair of ids exists once.
  await linkSalesChannelsToStockLocationWorkflow(container).run({ input: { id, add: [salesChannelId] } });
  await container.resolve(ContainerRegistrationKeys.LINK).create({
    [Modules.STOCK_LOCATION]: { stock_location_id: id },
    [Modules.FULFILLMENT]: { fulfillment_provider_id: FULFILLMENT_PROVIDER },
  });
  return id;
}

/** Creates the service zone, which is the store's country, and its fulfilment set. @returns the id of the zone. */
export async function ensureServiceZone(context: BootstrapContext, stockLocationId: string): Promise<string> {
  const { container, logger, settings } = context;
  const fulfillment = container.resolve(Modules.FULFILLMENT);
  const find = async () => fulfillment.listFulfillmentSets({ name: FULFILLMENT_SET }, { relations: ['service_zones'] });
  let [set] = await find();
  if (!set) {
    await createLocationFulfillmentSetWorkflow(container).run({
      input: { location_id: stockLocationId, fulfillment_set_data: { name: FULFILLMENT_SET, type: 'shipping' } },
    });
    [set] = await find();
    logger.info('bootstrap: created the fulfilment set');
  }
  if (!set) throw new Error('Medusa created the fulfilment set but does not return it');
  const zone = set.service_zones.find((candidate) => candidate.name === SERVICE_ZONE);
  if (zone) return zone.id;
  const { result } = await createServiceZonesWorkflow(container).run({
    input: {
      data: [
        {
          name: SERVICE_ZONE,
          fulfillment_set_id: set.id,
          geo_zones: [{ type: 'country', country_code: settings.country }],
        },
      ],
    },
  });
  return result[0].id;
}

/**
 * Creates a shipping option with a flat rate.
 *
 * @returns the id of its shipping profile, which the migration scripts have created
 * @throws Error when the profile does not exist.
 */
export async function ensureShippingOption(context: BootstrapContext, serviceZoneId: string): Promise<string> {
  const { container, logger, settings } = context;
  const fulfillment = container.resolve(Modules.FULFILLMENT);
  const [profile] = await fulfillment.listShippingProfiles({ type: 'default' });
  if (!profile) throw new Error('the database contains no default shipping profile: run the migration scripts first');
  const [known] = await fulfillment.listShippingOptions({ name: SHIPPING_OPTION, service_zone: { id: serviceZoneId } });
  if (known) return profile.id;
  const option = {
    name: SHIPPING_OPTION,
    price_type: 'flat' as const,
    provider_id: FULFILLMENT_PROVIDER,
    service_zone_id: serviceZoneId,
    shipping_profile_id: profile.id,
    type: { label: 'Standard', description: 'Delivered in a few days.', code: 'standard' },
    prices: [{ currency_code: settings.currency, amount: SHIPPING_PRICE }],
    rules: [
      { attribute: 'enabled_in_store', operator: 'eq' as const, value: 'true' },
      { attribute: 'is_return', operator: 'eq' as const, value: 'false' },
    ],
  };
  await createShippingOptionsWorkflow(container).run({ input: [option] });
  logger.info('bootstrap: created the shipping option');
  return profile.id;
}
