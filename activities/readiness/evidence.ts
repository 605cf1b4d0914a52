import type { Evidence } from '../../domain/failure.ts';
import type { Kube } from '../adapters/kube.ts';
import { nameOf } from '../adapters/object-identity.ts';
import { logWarning } from '../runtime/activity-context.ts';
import { oneLine, redact } from '../runtime/redaction.ts';
import type { ReadinessResult } from './classification.ts';
import type { EventFact, PodFact, Snapshot } from './facts.ts';
import { eventFact, servingPods } from './snapshot.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

const MAX_EVENTS = 10;
const MAX_LOG_LINES = 20;
const MAX_LOG_BYTES = 16 * 1024;
/** Containers whose logs share the `MAX_LOG_LINES` lines. */
const MAX_LOGS = 4;
/** Per read. Evidence is optional: a cluster or node that does not answer must not delay the failure. */
const READ_TIMEOUT_MS = 2_000;

/**
 * Gathers what a failed readiness result is based on: the newest events of the object and the last log lines of the
 * container. Takes at most two seconds.
 */
export async function gatherEvidence(
  kube: Kube,
  store: StoreTarget,
  failure: {
    readonly result: Extract<ReadinessResult, { kind: 'failed' }>;
    readonly snapshot: Snapshot;
    /** Values that are redacted. */
    readonly secrets: readonly string[];
  },
): Promise<Evidence> {
  const { result, snapshot, secrets } = failure;
  const pod = podOf(result.object, snapshot);
  const logLines = pod === undefined ? [] : await readFailedLog(kube, store, pod, result.container);
  const clean = (text: string) => oneLine(redact(text, secrets));
  return {
    object: result.object,
    events: eventsAbout(result.object, pod, snapshot.events).map(({ reason, message }) =>
      clean(`${reason}: ${message}`),
    ),
    ...(logLines.length === 0 ? {} : { logLines: logLines.map(clean) }),
  };
}

/**
 * Gathers the newest events of a store's namespace and the last log lines of the pods that serve customers. Takes at
 * most four seconds and never throws: what can't be read is left out.
 *
 * @param secrets Values that are redacted.
 * @param maxLogLines At most 20.
 */
export async function gatherServingEvidence(
  kube: Kube,
  store: StoreTarget,
  { secrets, maxLogLines }: { readonly secrets: readonly string[]; readonly maxLogLines: number },
): Promise<Required<Pick<Evidence, 'events' | 'logLines'>>> {
  const clean = (text: string) => oneLine(redact(text, secrets));
  try {
    const objects = await withinLimit(readObjects(kube, store));
    if (objects === undefined) return { events: [], logLines: [] };
    const events = objects.Event.map(eventFact);
    return {
      events: newest(events).map(({ object, reason, message }) => clean(`${object} ${reason}: ${message}`)),
      logLines: (await readServingLogs(kube, store, objects, maxLogLines)).map(clean),
    };
  } catch (error) {
    logWarning('the evidence of a failed verification could not be gathered', {
      storeId: store.storeId,
      reason: clean(String(error)),
    });
    return { events: [], logLines: [] };
  }
}

async function readObjects(kube: Kube, { namespace }: StoreTarget) {
  const [deployments, pods, events] = await kube.call(`list the pods and events of ${namespace}`, () =>
    Promise.all([
      kube.apps.listNamespacedDeployment({ namespace }),
      kube.core.listNamespacedPod({ namespace }),
      kube.core.listNamespacedEvent({ namespace }),
    ]),
  );
  return {
    Deployment: deployments.items,
    StatefulSet: [],
    Job: [],
    PersistentVolumeClaim: [],
    Pod: pods.items,
    Event: events.items,
  };
}

async function readServingLogs(
  kube: Kube,
  store: StoreTarget,
  objects: Parameters<typeof servingPods>[0],
  maxLogLines: number,
): Promise<readonly string[]> {
  const containers = servingPods(objects)
    .flatMap((pod) => (pod.spec?.containers ?? []).map(({ name }) => ({ pod: nameOf(pod, 'Pod'), container: name })))
    .slice(0, MAX_LOGS);
  const maxLines = Math.floor(maxLogLines / Math.max(containers.length, 1));
  const logs = await Promise.all(
    containers.map(async ({ pod, container }) => {
      const lines = await readLog(kube, store, { pod, container, maxLines, previous: false });
      return lines.map((line) => `${pod}/${container}: ${line}`);
    }),
  );
  return logs.flat();
}

/** Returns the pod of a result; for a Job its newest pod, whose log says why the Job failed. */
function podOf(object: string, { pods }: Snapshot): PodFact | undefined {
  const [kind, name = ''] = object.split('/');
  if (kind === 'Pod') return pods.find((pod) => pod.name === name);
  if (kind !== 'Job') return undefined;
  const own = pods.filter((pod) => pod.ownerKind === 'Job' && pod.name.startsWith(`${name}-`));
  return own.toSorted((a, b) => b.createdAtMs - a.createdAtMs)[0];
}

/** Returns the events of the object, and those of its pod when the object is a Job. */
function eventsAbout(object: string, pod: PodFact | undefined, events: readonly EventFact[]): readonly EventFact[] {
  const subjects = new Set([object, ...(pod === undefined ? [] : [`Pod/${pod.name}`])]);
  return newest(events.filter((event) => subjects.has(event.object)));
}

/** Newest last. */
function newest(events: readonly EventFact[]): readonly EventFact[] {
  return events.toSorted((a, b) => a.lastSeenMs - b.lastSeenMs).slice(-MAX_EVENTS);
}

async function readFailedLog(
  kube: Kube,
  store: StoreTarget,
  pod: PodFact,
  failed: string | undefined,
): Promise<readonly string[]> {
  const container = failed ?? pod.containers.at(-1)?.name;
  if (container === undefined) return [];
  const restarts = pod.containers.find(({ name }) => name === container)?.restarts ?? 0;
  // A container that waits for its next restart has an empty log; the log of its previous instance has the reason.
  return readLog(kube, store, { pod: pod.name, container, maxLines: MAX_LOG_LINES, previous: restarts > 0 });
}

/** Returns the last lines of a container's log without empty ones; none when the log can't be read in time. */
async function readLog(
  kube: Kube,
  { namespace }: StoreTarget,
  log: { readonly pod: string; readonly container: string; readonly maxLines: number; readonly previous: boolean },
): Promise<readonly string[]> {
  const { pod, container, maxLines, previous } = log;
  const text = await withinLimit(
    kube.core.readNamespacedPodLog({
      name: pod,
      namespace,
      container,
      tailLines: maxLines,
      limitBytes: MAX_LOG_BYTES,
      previous,
    }),
  );
  return (text ?? '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-maxLines);
}

/** Resolves to undefined when the read fails or takes longer than `READ_TIMEOUT_MS`. */
async function withinLimit<T>(read: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), READ_TIMEOUT_MS);
  });
  const result = await Promise.race([read.catch(() => undefined), timeout]);
  clearTimeout(timer);
  return result;
}
