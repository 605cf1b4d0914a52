import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import { type Cart, isPurchasable, type Order, type Product, type Region, type Variant } from './shop.ts';

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** Returns the HTML document of a page. The tenant chooses `storeName`; `html` escapes it like all other values. */
export function page(given: { readonly storeName: string; readonly title: string; readonly body: Html }): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${given.title} · ${given.storeName}</title>
        <link rel="stylesheet" href="/assets/style.css" />
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        <header>
          <a class="name" href="/">${given.storeName}</a>
          <nav aria-label="Shop"><a href="/cart">Cart</a></nav>
        </header>
        <main id="main">${given.body}</main>
      </body>
    </html>`;
}

export function productList(products: readonly Product[], region: Region): Html {
  if (products.length === 0)
    return html`<h1>Products</h1>
      <p>There are no products yet. Please come back later.</p>`;
  return html`<h1>Products</h1>
    <ul class="grid">
      ${products.map(
        (product) =>
          html`<li>
            <a class="card" href="/products/${encodeURIComponent(product.handle)}">
              ${picture(product)}
              <span class="title">${product.title}</span>
              <span class="price">${priceFrom(product, region)}</span>
            </a>
          </li>`,
      )}
    </ul>`;
}

export function productPage(product: Product, region: Region, problem?: string): Html {
  const purchasable = product.variants.filter((variant) => isPurchasable(variant));
  return html`<article class="product">
    ${picture(product)}
    <div>
      <h1>${product.title}</h1>
      <p class="price">${priceFrom(product, region)}</p>
      ${paragraphs(product.description)} ${problemNote(problem)}
      ${
        purchasable.length === 0
          ? html`<p>Sold out at the moment.</p>`
          : html`<form method="post" action="/cart/items">
              <input type="hidden" name="handle" value="${product.handle}" />
              <label
                >Variant
                <select name="variant_id">
                  ${purchasable.map((variant) => html`<option value="${variant.id}">${variantLabel(variant, region)}</option>`)}
                </select>
              </label>
              <label>Quantity <input name="quantity" type="number" value="1" min="1" max="99" required /></label>
              <button>Add to cart</button>
            </form>`
      }
    </div>
  </article>`;
}

export function cartPage(cart: Cart | undefined, problem?: string): Html {
  if (cart === undefined || cart.items.length === 0) {
    return html`<h1>Cart</h1>
      ${problemNote(problem)}
      <p>Your cart is empty. <a href="/">See the products</a></p>`;
  }
  return html`<h1>Cart</h1>
    ${problemNote(problem)} ${itemTable(cart, true)}
    <p><a class="button" href="/checkout">Go to checkout</a></p>`;
}

export function checkoutPage(given: {
  readonly cart: Cart;
  readonly region: Region;
  readonly entered?: Readonly<Record<string, string>>;
  readonly problem?: string | undefined;
}): Html {
  const entered = given.entered ?? {};
  const field = (name: string, label: string, autocomplete: string, type = 'text') =>
    html`<label
      >${label}
      <input
        name="${name}"
        type="${type}"
        autocomplete="${autocomplete}"
        value="${entered[name] ?? ''}"
        maxlength="200"
        required
    /></label>`;
  return html`<h1>Checkout</h1>
    ${problemNote(given.problem)} ${itemTable(given.cart, false)}
    <p class="note">Shipping is added to the order. You pay on delivery.</p>
    <form method="post" action="/checkout" class="checkout">
      <input type="hidden" name="cart_id" value="${given.cart.id}" />
      ${field('email', 'E-mail', 'email', 'email')} ${field('first_name', 'First name', 'given-name')}
      ${field('last_name', 'Last name', 'family-name')} ${field('address_1', 'Address', 'address-line1')}
      ${field('postal_code', 'Postcode', 'postal-code')} ${field('city', 'City', 'address-level2')}
      <label
        >Country
        <select name="country_code" autocomplete="country">
          ${given.region.countries.map(
            (country) =>
              html`<option value="${country.iso_2}" ${country.iso_2 === entered['country_code'] ? 'selected' : ''}>
                ${country.display_name}
              </option>`,
          )}
        </select>
      </label>
      <button>Place order</button>
    </form>`;
}

export function orderPage(order: Order): Html {
  return html`<h1>Thank you</h1>
    <p>
      Your order number is <strong>${order.display_id}</strong>.
      ${order.email ? html`We will send a confirmation to ${order.email}.` : ''}
    </p>
    ${itemTable(order, false)}
    <p><a href="/">Back to the shop</a></p>`;
}

export function notice(title: string, text: string): Html {
  return html`<h1>${title}</h1>
    <p>${text}</p>
    <p><a href="/">Back to the shop</a></p>`;
}

function itemTable(source: Cart | Order, canRemove: boolean): Html {
  return html`<table>
    <thead>
      <tr>
        <th scope="col">Product</th>
        <th scope="col">Quantity</th>
        <th scope="col">Price</th>
        ${canRemove ? html`<td></td>` : ''}
      </tr>
    </thead>
    <tbody>
      ${source.items.map(
        (item) =>
          html`<tr>
            <td>${item.product_title ?? item.title}</td>
            <td>${item.quantity}</td>
            <td>${money(item.unit_price * item.quantity, source.currency_code)}</td>
            ${
              canRemove
                ? html`<td>
                    <form method="post" action="/cart/items/${encodeURIComponent(item.id)}/remove">
                      <button class="quiet" aria-label="Remove ${item.product_title ?? item.title}">Remove</button>
                    </form>
                  </td>`
                : ''
            }
          </tr>`,
      )}
    </tbody>
    <tfoot>
      <tr>
        <th scope="row" colspan="2">Total</th>
        <td>${money(source.total, source.currency_code)}</td>
        ${canRemove ? html`<td></td>` : ''}
      </tr>
    </tfoot>
  </table>`;
}

function problemNote(problem: string | undefined): Html {
  return problem === undefined ? html`` : html`<p class="problem" role="alert">${problem}</p>`;
}

function paragraphs(text: string | null): Html {
  return html`${(text ?? '').split(/\n+/).map((line) => html`<p>${line}</p>`)}`;
}

function picture(product: Product): Html {
  if (product.thumbnail) return html`<img class="picture" src="${product.thumbnail}" alt="" loading="lazy" />`;
  return html`<span class="picture" aria-hidden="true">${product.title.slice(0, 1)}</span>`;
}

function priceFrom(product: Product, region: Region): string {
  const amounts = product.variants
    .map((variant) => variant.calculated_price?.calculated_amount)
    .filter((amount): amount is number => typeof amount === 'number');
  if (amounts.length === 0) return '';
  const lowest = Math.min(...amounts);
  return `${lowest === Math.max(...amounts) ? '' : 'from '}${money(lowest, region.currency_code)}`;
}

function variantLabel(variant: Variant, region: Region): string {
  const amount = variant.calculated_price?.calculated_amount;
  return `${variant.title ?? 'Standard'}${typeof amount === 'number' ? ` – ${money(amount, region.currency_code)}` : ''}`;
}

/** Formats an amount. Medusa's amounts are in currency units, not in cents: 20 is twenty euros. */
function money(amount: number, currency: string): string {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).format(amount);
}
