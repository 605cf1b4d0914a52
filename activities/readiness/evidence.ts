import type { Evidence } from '../../domain/failure.ts';
import type { StoreTarget } from '../../domain/operations/types.ts';
import type { Kube } from '../adapters/kube.ts';
import { oneLine, redact } from '../runtime/redaction.ts';
import type { EventFact, PodFact, Snapshot, ReadinessResult } from './classification.ts';

const MAX_EVENTS = 10;
const MAX_LOG_LINES = 20;
const MAX_LOG_BYTES = 16 * 1024;
/** The result stands without a log; a node that does not hand it out must not hold it up. */
const LOG_TIMEOUT_MS = 2_000;

/** What a failed result rests on, fit to be shown: newest events, last log lines, no secrets. */
export async function gatherEvidence(
  kube: Kube,
  store: StoreTarget,
  found: {
    readonly result: Extract<ReadinessResult, { kind: 'failed' }>;
    readonly seen: Snapshot;
    /** Values to mask wherever they turn up. */
    readonly secrets: readonly string[];
  },
): Promise<Evidence> {
  const { result, seen, secrets } = found;
  const pod = podOf(result.object, seen);
  const logLines = pod === undefined ? [] : await readLog(kube, store, pod, result.container);
  const clean = (text: string) => oneLine(redact(text, secrets));
  return {
    object: result.object,
    events: eventsAbout(result.object, pod, seen.events).map(({ reason, message }) => clean(`${reason}: ${message}`)),
    ...(logLines.length === 0 ? {} : { logLines: logLines.map(clean) }),
  };
}

/** The pod a result is about; for a Job its newest one, whose log tells why it failed. */
function podOf(object: string, { pods }: Snapshot): PodFact | undefined {
  const [kind, name = ''] = object.split('/');
  if (kind === 'Pod') return pods.find((pod) => pod.name === name);
  if (kind !== 'Job') return undefined;
  const own = pods.filter((pod) => pod.ownerKind === 'Job' && pod.name.startsWith(`${name}-`));
  return own.toSorted((a, b) => b.createdAtMs - a.createdAtMs)[0];
}

/** Newest last. Events of the pod count too when the result is about its Job. */
function eventsAbout(object: string, pod: PodFact | undefined, events: readonly EventFact[]): readonly EventFact[] {
  const subjects = new Set([object, ...(pod === undefined ? [] : [`Pod/${pod.name}`])]);
  return events
    .filter((event) => subjects.has(event.object))
    .toSorted((a, b) => a.lastSeenMs - b.lastSeenMs)
    .slice(-MAX_EVENTS);
}

async function readLog(
  kube: Kube,
  store: StoreTarget,
  pod: PodFact,
  container: string | undefined,
): Promise<readonly string[]> {
  const failing = container ?? pod.containers.at(-1)?.name;
  if (failing === undefined) return [];
  const restarts = pod.containers.find(({ name }) => name === failing)?.restarts ?? 0;
  const request = (previous: boolean) =>
    kube.core.readNamespacedPodLog({
      name: pod.name,
      namespace: store.namespace,
      container: failing,
      tailLines: MAX_LOG_LINES,
      limitBytes: MAX_LOG_BYTES,
      previous,
    });
  // A container that is about to start again has nothing to say yet; its former life has.
  const read = request(restarts > 0).catch(() => '');
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(''), LOG_TIMEOUT_MS);
  });
  const log = await Promise.race([read, tooLate]);
  clearTimeout(timer);
  return log
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-MAX_LOG_LINES);
}
