import { setTimeout as delay } from 'node:timers/promises';
import type { KubeConfig, V1Pod } from '@kubernetes/client-node';
import { createMedusaCustomer } from '../../activities/verification/medusa/customer.ts';
import { withStoreSession } from '../../activities/verification/store-session.ts';
import { VerificationFailure } from '../../activities/verification/verification-failure.ts';
import { createWoocommerceCustomer } from '../../activities/verification/woocommerce/customer.ts';
import type { Engine } from '../../domain/engines/index.ts';
import { percentile } from '../statistics.ts';
import { podCpuSeconds, podMemoryBytes } from './pod-usage.ts';
import { stockWoocommerce } from './sample-stock.ts';

const ORDERS_PER_SECOND = 20;
const SECONDS = 30;

/** Result of 20 customers per second, each of whom fills a cart and places an order. */
export interface OrdersReport {
  readonly attempted: number;
  readonly placed: number;
  /** Number of failed orders by step and reason. */
  readonly failed: Readonly<Record<string, number>>;
  /** Seconds until the last customer had a response. */
  readonly tookSeconds: number;
  readonly medianSeconds: number | null;
  /** Usage of the pods, by component. */
  readonly pods: Readonly<Record<string, { readonly peakBytes: number; readonly cpuSeconds: number }>>;
}

/** How the stores of one engine are put under load. */
interface OrderLoad {
  /** Places one order as a customer. */
  readonly placeOrder: (baseUrl: string) => Promise<unknown>;
  /** Raises the stock through the storefront's pod. Null leaves the stock of the sample product as it is. */
  readonly raiseStock: ((cluster: KubeConfig, storefront: V1Pod) => Promise<void>) | null;
}

export const ORDER_LOADS: Readonly<Record<Engine, OrderLoad>> = {
  medusa: {
    placeOrder: (baseUrl) =>
      withStoreSession({ baseUrl }, async (tools) => {
        const customer = await createMedusaCustomer(tools);
        return customer.completeCart(await customer.fillCart('load'));
      }),
    raiseStock: null,
  },
  woocommerce: {
    placeOrder: (baseUrl) =>
      withStoreSession({ baseUrl }, async (tools) => {
        const customer = createWoocommerceCustomer(tools);
        return customer.placeOrder(await customer.fillCart(), 'load');
      }),
    raiseStock: stockWoocommerce,
  },
};

/**
 * Starts customers at a fixed rate, also while earlier customers wait.
 *
 * @param pods Pod uid by component.
 */
export async function measureOrders(
  engine: Engine,
  baseUrl: string,
  pods: Readonly<Record<string, string>>,
): Promise<OrdersReport> {
  const before = cpuOf(pods);
  const peaks = new Map<string, number>();
  const sampling = new AbortController();
  const sampled = samplePeaks(pods, peaks, sampling.signal);
  const startedAt = performance.now();
  const orders: Promise<number | string>[] = [];
  for (let customer = 0; customer < ORDERS_PER_SECOND * SECONDS; customer += 1) {
    orders.push(timeOrder(engine, baseUrl));
    await delay(1_000 / ORDERS_PER_SECOND);
  }
  const ended = await Promise.all(orders);
  const tookSeconds = (performance.now() - startedAt) / 1_000;
  sampling.abort();
  await sampled;
  const after = cpuOf(pods);
  const seconds = ended.filter((outcome) => typeof outcome === 'number');
  const failed: Record<string, number> = {};
  for (const outcome of ended) if (typeof outcome === 'string') failed[outcome] = (failed[outcome] ?? 0) + 1;
  return {
    attempted: ended.length,
    placed: seconds.length,
    failed,
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

/** Places one order. Returns its duration in seconds, or the failed step and the reason. */
async function timeOrder(engine: Engine, baseUrl: string): Promise<number | string> {
  const startedAt = performance.now();
  try {
    await ORDER_LOADS[engine].placeOrder(baseUrl);
    return (performance.now() - startedAt) / 1_000;
  } catch (error) {
    return error instanceof VerificationFailure ? `${error.step}: ${error.reason}` : String(error);
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
