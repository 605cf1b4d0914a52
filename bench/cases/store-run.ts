import { type KubeConfig, type V1Pod, Watch } from '@kubernetes/client-node';
import { z } from 'zod';
import type { Engine } from '../../domain/engines/index.ts';
import { MISSING_IMAGE, type NodePlatform } from '../../test/harness/node/node-platform.ts';
import type { ImageCache, StoreUsage, StoreRun } from '../node-report.ts';
import { pullingMs } from './image-registry.ts';
import { measureOrders, ORDER_LOADS } from './orders.ts';
import { podMemoryBytes } from './pod-usage.ts';

/** Time after which a store is idle: its caches are filled and the garbage of its start is collected. */
const IDLE_MS = 60_000;

const Verified = z.object({ at: z.string(), steps: z.array(z.object({ step: z.string(), durationMs: z.number() })) });

/**
 * Creates a store, measures it and deletes it.
 *
 * @param options.measuresUsage Whether to measure memory while the store is idle and then under load.
 */
export async function storeRun(
  platform: NodePlatform,
  options: { readonly engine: Engine; readonly cache: ImageCache; readonly measuresUsage: boolean },
): Promise<StoreRun> {
  const { engine, cache, measuresUsage } = options;
  const { storeId: id, namespace } = await platform.create(engine);
  const podTimes = await watchPods(platform.cluster, namespace);
  const store = await platform.settled(id, 'ready').finally(podTimes.stop);
  const { items: pods } = await platform.core.listNamespacedPod({ namespace });
  const pulling = cache === 'cold' ? pullingMs((await platform.core.listNamespacedEvent({ namespace })).items) : null;
  const completed = (await platform.events(id)).filter(({ type }) => type === 'step.completed');
  const { at: verifiedAt, steps: verificationSteps } = Verified.parse(
    completed.find(({ step }) => step === 'verify')?.data,
  );
  const address = new URL(store.urls.storefront ?? '').origin;
  const requestedMs = Date.parse(store.createdAt);
  const usage = measuresUsage ? await measureUsage(platform.cluster, { engine, address, pods }) : null;
  await platform.remove(id);
  return {
    engine,
    cache,
    orderPlacedMs: Date.parse(verifiedAt) - requestedMs - afterOrderMs(verificationSteps),
    readyMs: Date.parse(store.readyAt ?? '') - requestedMs,
    firstPodMs: podTimes.firstMs() - requestedMs,
    podsReadyMs: podTimes.readyMs() - requestedMs,
    steps: Object.fromEntries(completed.map(({ step, data }) => [step, Number(data['durationMs'])])),
    setup: setupOf(pods),
    pullingMs: pulling,
    verificationMs: verificationSteps.reduce((sum, { durationMs }) => sum + durationMs, 0),
    usage,
  };
}

/** Returns the duration of the steps after the order is placed: they read the order as the merchant and cancel it. */
function afterOrderMs(steps: z.output<typeof Verified>['steps']): number {
  const placed = steps.findIndex(({ step }) => step === 'place-order');
  return steps.slice(placed + 1).reduce((sum, { durationMs }) => sum + durationMs, 0);
}

async function measureUsage(
  cluster: KubeConfig,
  store: { readonly engine: Engine; readonly address: string; readonly pods: readonly V1Pod[] },
): Promise<StoreUsage> {
  const { engine, address, pods } = store;
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const uids = Object.fromEntries(
    pods
      .filter((pod) => pod.status?.phase === 'Running' && !isOfJob(pod))
      .map((pod) => [componentOf(pod) ?? '', pod.metadata?.uid ?? '']),
  );
  const memory = Object.fromEntries(Object.entries(uids).map(([pod, uid]) => [pod, podMemoryBytes(uid)]));
  const web = pods.find((pod) => componentOf(pod) === 'storefront');
  if (web !== undefined) await ORDER_LOADS[engine].raiseStock?.(cluster, web);
  return { memory, orders: await measureOrders(engine, address, uids) };
}

/** Returns the duration of each container of the setup Job, in milliseconds. */
function setupOf(pods: readonly V1Pod[]): Record<string, number> {
  const setup = pods.find((pod) => componentOf(pod) === 'setup' && pod.status?.phase !== 'Failed');
  const ended = [...(setup?.status?.initContainerStatuses ?? []), ...(setup?.status?.containerStatuses ?? [])];
  return Object.fromEntries(
    ended.map(({ name, state }) => {
      const { startedAt, finishedAt } = state?.terminated ?? {};
      return [name, (finishedAt?.getTime() ?? 0) - (startedAt?.getTime() ?? 0)];
    }),
  );
}

function componentOf({ metadata }: V1Pod): string | undefined {
  return metadata?.labels?.['app.kubernetes.io/component'];
}

/** Returns whether the pod belongs to the setup Job, so that it does not run all the time. */
function isOfJob({ metadata }: V1Pod): boolean {
  return metadata?.ownerReferences?.some(({ kind }) => kind === 'Job') ?? false;
}

interface PodTimes {
  /** Time at which the first pod existed. */
  readonly firstMs: () => number;
  /** Time at which the last pod became ready that does not belong to a Job. */
  readonly readyMs: () => number;
  readonly stop: () => void;
}

/** Watches the pods of a store and takes times from the clock of this machine, because Kubernetes reports whole seconds. */
async function watchPods(cluster: KubeConfig, namespace: string): Promise<PodTimes> {
  let firstMs = Number.NaN;
  const readyMs = new Map<string, number>();
  const watch = await new Watch(cluster).watch(
    `/api/v1/namespaces/${namespace}/pods`,
    {},
    (_, pod: V1Pod) => {
      if (Number.isNaN(firstMs)) firstMs = Date.now();
      if (isOfJob(pod)) return; // it is ready while it runs
      const isReady = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
      const name = pod.metadata?.name ?? '';
      if (isReady === true && !readyMs.has(name)) readyMs.set(name, Date.now());
    },
    () => undefined,
  );
  return { firstMs: () => firstMs, readyMs: () => Math.max(...readyMs.values()), stop: () => watch.abort() };
}

/** Returns the milliseconds from the start of await-ready until the store reports that its image can't be pulled. */
export async function missingImageMs(platform: NodePlatform, engine: Engine): Promise<number> {
  await platform.replaceWorker({ [engine]: MISSING_IMAGE });
  const { storeId: id } = await platform.create(engine);
  await platform.settled(id, 'failed');
  const events = await platform.events(id);
  const at = (wanted: string): number =>
    Date.parse(events.find(({ type, step }) => type === wanted && step === 'await-ready')?.at ?? '');
  await platform.remove(id);
  await platform.replaceWorker();
  return at('step.failed') - at('step.started');
}
