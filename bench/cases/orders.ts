import { setTimeout as delay } from 'node:timers/promises';
import type { KubeConfig, V1Pod } from '@kubernetes/client-node';
import { createMedusaCustomer } from '../../activities/verification/medusa/customer.ts';
import { withStoreSession } from '../../activities/verification/store-session.ts';
import { createWoocommerceCustomer } from '../../activities/verification/woocommerce/customer.ts';
import type { Engine } from '../../domain/engines/index.ts';
import { percentile } from '../statistics.ts';
import { podCpuSeconds, podMemoryBytes } from './pod-usage.ts';
import { stockWoocommerce } from './sample-stock.ts';

const ORDERS_A_SECOND = 20;
const SECONDS = 30;
const MEDUSA_ID = /\b[a-z]+_[0-9A-Z]{26}\b/g;

/** What a store made of 20 customers a second, each of whom goes from the shelf to an order. */
export interface OrdersReport {
  readonly offered: number;
  readonly placed: number;
  /** How the others ended, by what the store said. */
  readonly refused: Readonly<Record<string, number>>;
  /** Until the last customer had an answer. */
  readonly tookSeconds: number;
  readonly medianSeconds: number | null;
  /** By component. */
  readonly pods: Readonly<Record<string, { readonly peakBytes: number; readonly cpuSeconds: number }>>;
}

/** How the stores of one engine are put under load. */
interface OrderLoad {
  /** Places one order as a customer. */
  readonly buy: (baseUrl: string) => Promise<unknown>;
  /** Raises the stock by way of the storefront's pod; null leaves the stock of the sample product as it is. */
  readonly raiseStock: ((cluster: KubeConfig, storefront: V1Pod) => Promise<void>) | null;
}

export const ORDER_LOADS: Readonly<Record<Engine, OrderLoad>> = {
  medusa: {
    buy: (baseUrl) =>
      withStoreSession({ baseUrl }, async (tools) => {
        const customer = await createMedusaCustomer(tools);
        return customer.completeCart(await customer.fillCart('load'));
      }),
    raiseStock: null,
  },
  woocommerce: {
    buy: (baseUrl) =>
      withStoreSession({ baseUrl }, async (tools) => {
        const customer = createWoocommerceCustomer(tools);
        return customer.placeOrder(await customer.fillCart(), 'load');
      }),
    raiseStock: stockWoocommerce,
  },
};

/** Sends customers at their rate, whether or not those before them have been served. `pods`: uid by component. */
export async function underOrders(
  engine: Engine,
  baseUrl: string,
  pods: Readonly<Record<string, string>>,
): Promise<OrdersReport> {
  const before = cpuOf(pods);
  const peaks = new Map<string, number>();
  const sampling = new AbortController();
  const sampled = samplePeaks(pods, peaks, sampling.signal);
  const startedAt = performance.now();
  const visits: Promise<number | string>[] = [];
  for (let customer = 0; customer < ORDERS_A_SECOND * SECONDS; customer += 1) {
    visits.push(visit(engine, baseUrl));
    await delay(1_000 / ORDERS_A_SECOND);
  }
  const ended = await Promise.all(visits);
  const tookSeconds = (performance.now() - startedAt) / 1_000;
  sampling.abort();
  await sampled;
  const after = cpuOf(pods);
  const seconds = ended.filter((outcome) => typeof outcome === 'number');
  const refused: Record<string, number> = {};
  for (const outcome of ended) if (typeof outcome === 'string') refused[outcome] = (refused[outcome] ?? 0) + 1;
  return {
    offered: ended.length,
    placed: seconds.length,
    refused,
    tookSeconds,
    medianSeconds: seconds.length === 0 ? null : percentile(seconds, 50),
    pods: Object.fromEntries(
      Object.keys(pods).map((component) => [
        component,
        {
          peakBytes: peaks.get(component) ?? 0,
          cpuSeconds: (after[component] ?? 0) - (before[component] ?? 0),
        },
      ]),
    ),
  };
}

/** Seconds that an order took, or what the store said instead. */
async function visit(engine: Engine, baseUrl: string): Promise<number | string> {
  const startedAt = performance.now();
  try {
    await ORDER_LOADS[engine].buy(baseUrl);
    return (performance.now() - startedAt) / 1_000;
  } catch (error) {
    // Without ids, so that equal answers count as equal.
    return error instanceof Error ? error.message.replaceAll(MEDUSA_ID, '…').slice(0, 120) : String(error);
  }
}

async function samplePeaks(
  pods: Readonly<Record<string, string>>,
  peaks: Map<string, number>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    for (const [component, uid] of Object.entries(pods)) {
      peaks.set(component, Math.max(peaks.get(component) ?? 0, podMemoryBytes(uid)));
    }
    await delay(500, undefined, { signal }).catch(() => undefined);
  }
}

function cpuOf(pods: Readonly<Record<string, string>>): Record<string, number> {
  return Object.fromEntries(Object.entries(pods).map(([component, uid]) => [component, podCpuSeconds(uid)]));
}
