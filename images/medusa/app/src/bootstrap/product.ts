import { createInventoryLevelsWorkflow, createProductsWorkflow } from '@medusajs/medusa/core-flows';
import { Modules, ProductStatus } from '@medusajs/framework/utils';
import type { BootstrapContext } from './context';

const HANDLE = 'sample-product';
const SKU = 'SAMPLE-1';
const PRICE = 20;
const STOCK = 100;

/** Creates one product with stock, so that a new shop is not empty and the platform can place a verification order. */
export async function ensureSampleProduct(
  context: BootstrapContext,
  ids: { readonly salesChannelId: string; readonly stockLocationId: string; readonly shippingProfileId: string },
): Promise<void> {
  const { container, logger, settings } = context;
  const [existing] = await container.resolve(Modules.PRODUCT).listProducts({ handle: HANDLE });
  if (!existing) {
    const product = {
      title: 'Sample product',
      handle: HANDLE,
      description: 'Shows what a product looks like. Change it or delete it in the admin.',
      status: ProductStatus.PUBLISHED,
      shipping_profile_id: ids.shippingProfileId,
      options: [{ title: 'Size', values: ['One size'] }],
      variants: [
        {
          title: 'One size',
          sku: SKU,
          manage_inventory: true,
          options: { Size: 'One size' },
          prices: [{ currency_code: settings.currency, amount: PRICE }],
        },
      ],
      sales_channels: [{ id: ids.salesChannelId }],
    };
    await createProductsWorkflow(container).run({ input: { products: [product] } });
    logger.info('bootstrap: created the sample product');
  }
  await ensureStock(context, ids.stockLocationId);
}

async function ensureStock({ container, logger }: BootstrapContext, stockLocationId: string): Promise<void> {
  const inventory = container.resolve(Modules.INVENTORY);
  const [item] = await inventory.listInventoryItems({ sku: SKU });
  if (!item) throw new Error(`the inventory has no item with the SKU ${SKU}`);
  const levels = await inventory.listInventoryLevels({ inventory_item_id: item.id, location_id: stockLocationId });
  if (levels.length > 0) return;
  await createInventoryLevelsWorkflow(container).run({
    input: {
      inventory_levels: [{ inventory_item_id: item.id, location_id: stockLocationId, stocked_quantity: STOCK }],
    },
  });
  logger.info('bootstrap: added stock for the sample product');
}
