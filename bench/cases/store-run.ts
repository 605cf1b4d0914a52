import { type KubeConfig, type V1Pod, Watch } from '@kubernetes/client-node';
import { z } from 'zod';
import type { Engine } from '../../domain/engines/index.ts';
import { MISSING_IMAGE, type NodePlatform } from '../../test/harness/node/node-platform.ts';
import type { ImageCache, StoreNeeds, StoreRun } from '../node-report.ts';
import { pullingMs } from './image-registry.ts';
import { ORDER_LOADS, underOrders } from './orders.ts';
import { podMemoryBytes } from './pod-usage.ts';

/** Start-up garbage is collected and caches have settled by then. */
const IDLE_MS = 60_000;

const Verified = z.object({ at: z.string(), steps: z.array(z.object({ step: z.string(), durationMs: z.number() })) });

/** Makes a store, looks at it and removes it. `isObserved`: it is left alone for a while, and then given customers. */
export async function storeRun(
  platform: NodePlatform,
  { engine, cache, isObserved }: { readonly engine: Engine; readonly cache: ImageCache; readonly isObserved: boolean },
): Promise<StoreRun> {
  const { storeId: id, namespace } = await platform.create(engine);
  const seen = await watchPods(platform.cluster, namespace);
  const store = await platform.settled(id, 'ready').finally(seen.stop);
  const { items: pods } = await platform.core.listNamespacedPod({ namespace });
  const pulling = cache === 'cold' ? pullingMs((await platform.core.listNamespacedEvent({ namespace })).items) : null;
  const completed = (await platform.events(id)).filter(({ type }) => type === 'step.completed');
  const { at: provedAt, steps: answers } = Verified.parse(completed.find(({ step }) => step === 'verify')?.data);
  const address = new URL(store.urls.storefront ?? '').origin;
  const requestedMs = Date.parse(store.createdAt);
  const needs = isObserved ? await observe(platform.cluster, { engine, address, pods }) : null;
  await platform.remove(id);
  return {
    engine,
    cache,
    orderTakenMs: Date.parse(provedAt) - requestedMs - afterOrderMs(answers),
    readyMs: Date.parse(store.readyAt ?? '') - requestedMs,
    firstPodMs: seen.firstMs() - requestedMs,
    podsReadyMs: seen.readyMs() - requestedMs,
    steps: Object.fromEntries(completed.map(({ step, data }) => [step, Number(data['durationMs'])])),
    setup: setupOf(pods),
    pullingMs: pulling,
    orderMs: answers.reduce((sum, { durationMs }) => sum + durationMs, 0),
    needs,
  };
}

/** Of the answers that came once the order was taken: it is looked at by the merchant, and taken back. */
function afterOrderMs(answers: z.output<typeof Verified>['steps']): number {
  const taken = answers.findIndex(({ step }) => step === 'place-order');
  return answers.slice(taken + 1).reduce((sum, { durationMs }) => sum + durationMs, 0);
}

async function observe(
  cluster: KubeConfig,
  store: { readonly engine: Engine; readonly address: string; readonly pods: readonly V1Pod[] },
): Promise<StoreNeeds> {
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
  return { memory, orders: await underOrders(engine, address, uids) };
}

/** How long each container of the set-up Job ran. */
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

/** Set-up, or cron: at work for a while, at any time. */
function isOfJob({ metadata }: V1Pod): boolean {
  return metadata?.ownerReferences?.some(({ kind }) => kind === 'Job') ?? false;
}

interface SeenPods {
  /** When the first pod was there. */
  readonly firstMs: () => number;
  /** When the last one of those that keep running became ready. */
  readonly readyMs: () => number;
  readonly stop: () => void;
}

/** Times of a store's pods, of this machine's clock: what Kubernetes notes is in whole seconds. */
async function watchPods(cluster: KubeConfig, namespace: string): Promise<SeenPods> {
  let firstMs = Number.NaN;
  const readyMs = new Map<string, number>();
  const watch = await new Watch(cluster).watch(
    `/api/v1/namespaces/${namespace}/pods`,
    {},
    (_, pod: V1Pod) => {
      if (Number.isNaN(firstMs)) firstMs = Date.now();
      if (isOfJob(pod)) return; // counts as ready while it runs
      const isReady = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
      const name = pod.metadata?.name ?? '';
      if (isReady === true && !readyMs.has(name)) readyMs.set(name, Date.now());
    },
    () => undefined,
  );
  return { firstMs: () => firstMs, readyMs: () => Math.max(...readyMs.values()), stop: () => watch.abort() };
}

/** From the beginning of the wait until the store says that its image can't be pulled, from a registry that refuses at once. */
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
