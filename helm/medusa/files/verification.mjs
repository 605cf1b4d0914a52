// Fills a cart like a customer and stops before the order. `helm test` runs this script in the cluster.
const base = 'http://storefront';
let key = '';

async function call(path, body) {
  const response = await fetch(base + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', 'x-publishable-api-key': key },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(15_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} returned ${response.status}: ${text.slice(0, 300)}`);
  console.log(`${path}: ${response.status}`);
  return JSON.parse(text);
}

function first(list, name) {
  if (list.length === 0) throw new Error(`the store has no ${name}`);
  return list[0];
}

key = (await call('/storefront-key')).publishable_key;
const region = first((await call('/store/regions')).regions, 'region');
const { products } = await call(`/store/products?region_id=${region.id}&fields=id,*variants.calculated_price`);
const variant = first(first(products, 'product').variants, 'variant');
const { cart } = await call('/store/carts', {
  region_id: region.id,
  email: 'verification@store-platform.invalid',
  items: [{ variant_id: variant.id, quantity: 1 }],
});
first((await call(`/store/shipping-options?cart_id=${cart.id}`)).shipping_options, 'shipping option');
console.log(`the cart of ${cart.total} ${cart.currency_code} has a shipping option`);
