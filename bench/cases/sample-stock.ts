import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Exec, type KubeConfig, type V1Pod } from '@kubernetes/client-node';

/** More pieces than customers, so that the stock does not limit the number of orders. */
const STOCK_QUANTITY = 10_000;
const SET_STOCK = `wc_update_product_stock(wc_get_product_id_by_sku('sample-1'), ${STOCK_QUANTITY});`;

/** Sets the stock of the sample product of a WooCommerce store, with WP-CLI in its pod. @throws Error with its output. */
export async function stockWoocommerce(cluster: KubeConfig, { metadata }: V1Pod): Promise<void> {
  const stream = new PassThrough();
  const command = ['wp', 'eval', SET_STOCK];
  const ended = new Promise<string>((resolve, reject) => {
    new Exec(cluster)
      .exec(metadata?.namespace ?? '', metadata?.name ?? '', 'php', command, stream, stream, null, false, (status) => {
        stream.end();
        resolve(status.status ?? '');
      })
      .catch(reject);
  });
  const [status, output] = await Promise.all([ended, text(stream)]);
  if (status !== 'Success') throw new Error(`WP-CLI could not set the stock: ${output}`);
}
