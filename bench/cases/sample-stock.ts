import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Exec, type KubeConfig, type V1Pod } from '@kubernetes/client-node';

/** More than a store sells in any rush: what is measured is how many it can serve, not how many goods there were. */
const PIECES = 10_000;
const SET_STOCK = `wc_update_product_stock(wc_get_product_id_by_sku('sample-1'), ${PIECES});`;

/** Fills the warehouse of a WooCommerce store, by the command line that its pods have. @throws Error with what that said. */
export async function stockWoocommerce(cluster: KubeConfig, { metadata }: V1Pod): Promise<void> {
  const said = new PassThrough();
  const command = ['wp', 'eval', SET_STOCK];
  const ended = new Promise<string>((resolve, reject) => {
    new Exec(cluster)
      .exec(metadata?.namespace ?? '', metadata?.name ?? '', 'php', command, said, said, null, false, (status) => {
        said.end();
        resolve(status.status ?? '');
      })
      .catch(reject);
  });
  const [status, output] = await Promise.all([ended, text(said)]);
  if (status !== 'Success') throw new Error(`the stock was not raised: ${output}`);
}
