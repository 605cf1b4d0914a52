// Buys in the store like a customer, up to the order: `helm test` runs it inside the cluster.
const base = 'http://storefront';
let key = '';

async function ask(path, body) {
  const answer = await fetch(base + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', 'x-publishable-api-key': key },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(15_000),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path} was answered ${answer.status}: ${text.slice(0, 300)}`);
  console.log(`${path}: ${answer.status}`);
  return JSON.parse(text);
}

function first(list, what) {
  if (list.length === 0) throw new Error(`the store has no ${what}`);
  return list[0];
}

key = (await ask('/storefront-key')).publishable_key;
const region = first((await ask('/store/regions')).regions, 'region');
const { products } = await ask(`/store/products?region_id=${region.id}&fields=id,*variants.calculated_price`);
const variant = first(first(products, 'product').variants, 'variant');
const { cart } = await ask('/store/carts', {
  region_id: region.id,
  email: 'verification@store-platform.invalid',
  items: [{ variant_id: variant.id, quantity: 1 }],
});
first((await ask(`/store/shipping-options?cart_id=${cart.id}`)).shipping_options, 'way to ship');
console.log(`a cart of ${cart.total} ${cart.currency_code} can be shipped`);
