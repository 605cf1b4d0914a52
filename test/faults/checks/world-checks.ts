import { canTransition } from '../../../domain/store/status.ts';
import { gunzipSync } from 'node:zlib';
import { groupBy } from './group-by.ts';
import type { EventFact, StoreFact, World } from './world.ts';
import { violation, type Violation } from './violation.ts';

/** Checks I1: no object of a deleted, cancelled or failed store exists, and no namespace exists without a record. */
export function checkLeftovers(world: World): Violation[] {
  const removed = world.stores.filter(({ status }) => status !== 'ready');
  const leftovers = removed.flatMap((store) =>
    leftoversOf(world, store).map((object) =>
      violation('I1', `${store.id} has the status ${store.status}, but ${object} exists`),
    ),
  );
  const known = new Set(world.stores.map(({ namespace }) => namespace));
  const orphans = world.namespaces
    .filter(({ name }) => !known.has(name))
    .map(({ name }) => violation('I1', `the namespace ${name} has no record`));
  return [...leftovers, ...orphans];
}

function leftoversOf(world: World, store: StoreFact): string[] {
  const isOf = ({ namespace }: { readonly namespace: string }): boolean => namespace === store.namespace;
  return [
    ...world.namespaces
      .filter(({ name, storeId }) => name === store.namespace || storeId === store.id)
      .map(({ name }) => `Namespace/${name}`),
    ...world.volumes.filter((volume) => isOf(volume) && !volume.isKept).map(({ name }) => `PersistentVolume/${name}`),
    ...world.secrets.filter(isOf).map(({ name }) => `Secret/${name}`),
    ...world.releases.filter(isOf).map(({ name, revision }) => `revision ${revision} of the release ${name}`),
  ];
}

/** Checks I2 at the end of a run: a namespace has one release, and its status is not pending. */
export function checkReleases(world: World): Violation[] {
  return world.stores.flatMap(({ id, namespace, release }) => {
    const own = world.releases.filter((each) => each.namespace === namespace);
    const others = own.filter(({ name }) => name !== release);
    const deployed = own.filter(({ status }) => status === 'deployed');
    const locked = own.filter(({ status }) => status.startsWith('pending-') || status === 'uninstalling');
    return [
      ...others.map(({ name }) => violation('I2', `${id} has a second release ${name}`)),
      ...(deployed.length > 1 ? [violation('I2', `${id} has ${deployed.length} deployed revisions`)] : []),
      ...locked.map(({ revision, status }) =>
        violation('I2', `${id}: revision ${revision} of its release is still ${status}`),
      ),
    ];
  });
}

const EXPECTED_RUN_STATUS: Readonly<Record<string, string>> = {
  ready: 'COMPLETED',
  failed: 'FAILED',
  cancelled: 'CANCELLED',
  deleted: 'COMPLETED',
};

/** Checks I3: the objects of a ready store exist and work, and the status of the workflow run agrees with the record. */
export function checkAgreement(world: World): Violation[] {
  return world.stores.flatMap((store) => [...checkReady(world, store), ...checkRun(world, store)]);
}

function checkReady(world: World, { id, status, namespace }: StoreFact): Violation[] {
  if (status !== 'ready') return [];
  const missing: string[] = [];
  const homeNamespace = world.namespaces.find(({ name }) => name === namespace);
  if (homeNamespace === undefined) missing.push('its namespace');
  if (homeNamespace?.isTerminating === true) missing.push('a namespace that is not terminating');
  if (homeNamespace !== undefined && homeNamespace.storeId !== id) missing.push('the label on its namespace');
  if (!world.releases.some((each) => each.namespace === namespace && each.status === 'deployed'))
    missing.push('a deployed release');
  if (!world.workloads.some((each) => each.namespace === namespace && each.isReady)) missing.push('a ready workload');
  if (!world.secrets.some((each) => each.namespace === namespace && each.name === 'store-secrets'))
    missing.push('its Secret');
  return missing.map((object) => violation('I3', `${id} has the status ready, but lacks ${object}`));
}

function checkRun(world: World, { id, status, runId }: StoreFact): Violation[] {
  const open = world.runs.filter((run) => run.storeId === id && run.status === 'RUNNING');
  const own = world.runs.find((run) => run.runId === runId);
  const expected = EXPECTED_RUN_STATUS[status];
  return [
    ...open.map((run) =>
      violation('I3', `${id} has the status ${status}, but its workflow run ${run.runId} (${run.type}) is still open`),
    ),
    ...(own !== undefined &&
    expected !== undefined &&
    own.status !== 'RUNNING' &&
    own.status !== 'CONTINUED_AS_NEW' &&
    own.status !== expected &&
    !(own.status === 'COMPLETED' && wasCancelledByRecord(world, { id, status }))
      ? [violation('I3', `${id} has the status ${status}, but its workflow run ended as ${own.status}`)]
      : []),
  ];
}

/** A run whose cancel is in the record, but has not reached Temporal, completes. */
function wasCancelledByRecord(world: World, { id, status }: Pick<StoreFact, 'id' | 'status'>): boolean {
  const isRequested = world.events.some(({ storeId, type }) => storeId === id && type === 'cancel.requested');
  return status === 'cancelled' && isRequested;
}

/** Checks I4: the quota count equals the number of stores, and the number of stores never exceeded the limit. */
export function checkQuota(world: World, observed: { readonly mostLive: number; readonly limit: number }): Violation[] {
  const { quota, live } = world.counted;
  return [
    ...(quota === live ? [] : [violation('I4', `the quota counts ${quota} stores, but ${live} exist`)]),
    ...(observed.mostLive > observed.limit
      ? [violation('I4', `${observed.mostLive} stores existed at the same time; the quota is ${observed.limit}`)]
      : []),
  ];
}

/** Checks I5: the numbers are 1, 2, 3 …, no event occurs twice, and each status can follow the status before it. */
export function checkEvents(world: World): Violation[] {
  const byStore = groupBy(world.events, ({ storeId }) => storeId);
  return world.stores.flatMap((store) => {
    const events = byStore.get(store.id) ?? [];
    return [
      ...events.flatMap(({ seq }, index) =>
        seq === index + 1 ? [] : [violation('I5', `${store.id}: event ${index + 1} has the number ${seq}`)],
      ),
      ...(events.length === store.lastSeq
        ? []
        : [violation('I5', `${store.id} has ${events.length} events, but its record says ${store.lastSeq}`)]),
      ...duplicates(events).map((key) => violation('I5', `${store.id} has the event ${key} twice`)),
      ...checkTransitions(events),
      ...(events.at(-1) === undefined || events.at(-1)?.status === store.status
        ? []
        : [
            violation(
              'I5',
              `${store.id} has the status ${store.status}, but its last event has ${events.at(-1)?.status}`,
            ),
          ]),
    ];
  });
}

function duplicates(events: readonly EventFact[]): string[] {
  const keys = events.map(({ dedupeKey }) => dedupeKey).filter((key) => key !== null);
  return keys.filter((key, index) => keys.indexOf(key) !== index);
}

function checkTransitions(events: readonly EventFact[]): Violation[] {
  return events.slice(1).flatMap((event, index) => {
    const before = events[index]?.status ?? event.status;
    if (before === event.status || canTransition(before, event.status)) return [];
    return [
      violation(
        'I5',
        `${event.storeId}: event ${event.seq} changes the status from ${before} to ${event.status}, which is not allowed`,
      ),
    ];
  });
}

/** Checks I8: no record, event, workflow history, release record or log contains a value of a Secret. */
export function checkSecrecy(
  world: World,
  secrets: readonly { readonly namespace: string; readonly key: string; readonly value: string }[],
  logs: readonly { readonly name: string; readonly text: string }[],
): Violation[] {
  const places = [
    { name: 'a row of stores', text: world.stores.map(({ row }) => row).join('\n') },
    { name: 'an event', text: world.events.map(({ row }) => row).join('\n') },
    { name: 'a workflow history', text: world.runs.map(({ history }) => history).join('\n') },
    { name: 'a release record', text: world.releases.map(({ content }) => decodeRelease(content)).join('\n') },
    ...logs,
  ];
  return secrets.flatMap(({ namespace, key, value }) =>
    places
      .filter(({ text }) => text.includes(value))
      .map(({ name }) => violation('I8', `the value of the secret ${namespace}/${key} is in ${name}`)),
  );
}

/** Decodes a release record: gzipped JSON in base64 (Helm), again in base64 (Secret). */
function decodeRelease(content: string): string {
  return gunzipSync(Buffer.from(Buffer.from(content, 'base64').toString('ascii'), 'base64')).toString('utf8');
}
