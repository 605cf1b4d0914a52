import { createRegionsWorkflow, createTaxRegionsWorkflow, updateStoresWorkflow } from '@medusajs/medusa/core-flows';
import { Modules } from '@medusajs/framework/utils';
import type { BootstrapContext } from './context';

/** Sets the name of the store and its default currency. */
export async function ensureStoreCurrency({ container, settings }: BootstrapContext, storeId: string): Promise<void> {
  const supported_currencies = [{ currency_code: settings.currency, is_default: true }];
  await updateStoresWorkflow(container).run({
    input: { selector: { id: storeId }, update: { name: settings.storeName, supported_currencies } },
  });
}

/** Creates a region for the store's country unless a region contains it. Medusa allows a country in one region only. */
export async function ensureRegion({ container, logger, settings }: BootstrapContext): Promise<void> {
  const regions = await container.resolve(Modules.REGION).listRegions({}, { relations: ['countries'] });
  if (regions.some((region) => region.countries.some((country) => country.iso_2 === settings.country))) return;
  const region = {
    name: countryName(settings.country),
    currency_code: settings.currency,
    countries: [settings.country],
    payment_providers: ['pp_system_default'],
  };
  await createRegionsWorkflow(container).run({ input: { regions: [region] } });
  logger.info('bootstrap: created the region');
}

/** Creates a tax region for the store's country unless it exists. */
export async function ensureTaxRegion({ container, logger, settings }: BootstrapContext): Promise<void> {
  const [known] = await container.resolve(Modules.TAX).listTaxRegions({ country_code: settings.country });
  if (known) return;
  await createTaxRegionsWorkflow(container).run({
    input: [{ country_code: settings.country, provider_id: 'tp_system' }],
  });
  logger.info('bootstrap: created the tax region');
}

function countryName(code: string): string {
  return new Intl.DisplayNames(['en'], { type: 'region', fallback: 'code' }).of(code.toUpperCase()) ?? code;
}
