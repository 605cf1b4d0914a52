import { z } from 'zod';
import { answerList } from '../store-http.ts';

/** The parts of Medusa's answers that the checkout client uses. */

export const KeyAnswer = z.object({ publishable_key: z.string().min(1) });

export const RegionsAnswer = z.object({
  regions: answerList(
    z.object({
      id: z.string(),
      currency_code: z.string(),
      countries: answerList(z.object({ iso_2: z.string() })),
    }),
  ),
});

export const ProductsAnswer = z.object({
  products: answerList(
    z.object({
      id: z.string(),
      title: z.string(),
      variants: answerList(
        z.object({
          id: z.string(),
          manage_inventory: z.boolean(),
          allow_backorder: z.boolean(),
          inventory_quantity: z.number().nullish(),
          calculated_price: z.object({ calculated_amount: z.number().nullable() }).nullish(),
        }),
      ),
    }),
  ),
});

export const CartAnswer = z.object({
  cart: z.object({ id: z.string(), email: z.string(), items: z.array(z.unknown()).length(1), total: z.number() }),
});

export const ShippingOptionsAnswer = z.object({ shipping_options: answerList(z.object({ id: z.string() })) });

export const PaymentCollectionAnswer = z.object({ payment_collection: z.object({ id: z.string() }) });

export const PaymentSessionAnswer = z.object({
  payment_collection: z.object({ payment_sessions: answerList(z.object({ provider_id: z.string() }), { min: 1 }) }),
});

/** `type: cart` also has status 200: the order was refused, and `error` says why. */
export const CompletionAnswer = z.discriminatedUnion('type', [
  z.object({ type: z.literal('order'), order: z.object({ id: z.string() }) }),
  z.object({ type: z.literal('cart'), error: z.unknown() }),
]);

export const TokenAnswer = z.object({ token: z.string().min(1) });

const AdminOrder = z.object({
  id: z.string(),
  display_id: z.number(),
  status: z.string(),
  payment_status: z.string().nullish(),
  email: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()).nullable(),
  total: z.number(),
  currency_code: z.string(),
});
export type AdminOrder = z.output<typeof AdminOrder>;

export const AdminOrdersAnswer = z.object({ orders: answerList(AdminOrder) });
export const AdminOrderAnswer = z.object({ order: AdminOrder });
export const CancelledOrderAnswer = z.object({ order: z.object({ status: z.literal('canceled') }) });
export const ArchivedOrderAnswer = z.object({ order: z.object({ status: z.literal('archived') }) });
