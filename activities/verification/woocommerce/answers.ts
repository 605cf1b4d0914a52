import { z } from 'zod';
import { answerList } from '../store-http.ts';

/** The parts of WooCommerce's answers that the checkout client uses. */

export const ProductsAnswer = answerList(
  z.object({
    id: z.number(),
    type: z.string(),
    is_purchasable: z.boolean(),
    is_in_stock: z.boolean(),
    has_options: z.boolean(),
  }),
);

export const CartAnswer = z.object({
  items: z.array(z.unknown()),
  needs_shipping: z.boolean(),
  shipping_rates: answerList(z.object({ shipping_rates: answerList(z.object({ rate_id: z.string() })) })),
  payment_methods: answerList(z.string()),
  billing_address: z.object({ country: z.string() }),
  shipping_address: z.object({ country: z.string() }),
});
export type WooCart = z.output<typeof CartAnswer>;

const BatchPart = z.object({ status: z.number(), body: z.unknown() });
export type WooBatchPart = z.output<typeof BatchPart>;

/** A batch of two requests, each with its own answer. */
export const CartChangesAnswer = z.object({ responses: z.tuple([BatchPart, BatchPart]) });

/** Answer of GET: a preview of the checkout, without an order. */
export const CheckoutDraftAnswer = z.object({ order_id: z.number() });

export const CheckoutAnswer = z.object({
  order_id: z.number().positive(),
  status: z.enum(['processing', 'on-hold']),
  payment_result: z.object({ payment_status: z.literal('success') }),
});

const VerificationOrder = z.object({
  id: z.number(),
  number: z.string(),
  status: z.string(),
  total: z.string(),
  currency: z.string(),
  verification_id: z.string().nullable(),
});
export type WooVerificationOrder = z.output<typeof VerificationOrder>;

/** Seconds since when the oldest scheduled task of the shop waits. */
export const ScheduledTasksAnswer = z.object({ overdue_seconds: z.number() });

export const VerificationOrdersAnswer = z.object({ orders: answerList(VerificationOrder) });
