import { canTransition } from '../../../domain/store/status.ts';
import { gunzipSync } from 'node:zlib';
import { groupBy } from './group-by.ts';
import type { EventFact, StoreFact, World } from './world.ts';
import { violation, type Violation } from './violation.ts';

/** I1: nothing of what is gone is there. Also: nothing is there that no record knows. */
export function checkLeftovers(world: World): Violation[] {
  const gone = world.stores.filter(({ status }) => status !== 'ready');
  const left = gone.flatMap((store) =>
    leftoversOf(world, store).map((what) => violation('I1', `${store.id} is ${store.status}, but there is ${what}`)),
  );
  const known = new Set(world.stores.map(({ namespace }) => namespace));
  const orphans = world.namespaces
    .filter(({ name }) => !known.has(name))
    .map(({ name }) => violation('I1', `the namespace ${name} has no record`));
  return [...left, ...orphans];
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

/** I2, as far as the end shows it: one release in a namespace, no lock left on it. */
export function checkReleases(world: World): Violation[] {
  return world.stores.flatMap(({ id, namespace, release }) => {
    const own = world.releases.filter((each) => each.namespace === namespace);
    const others = own.filter(({ name }) => name !== release);
    const deployed = own.filter(({ status }) => status === 'deployed');
    const locked = own.filter(({ status }) => status.startsWith('pending-') || status === 'uninstalling');
    return [
      ...others.map(({ name }) => violation('I2', `${id} has a second release ${name}`)),
      ...(deployed.length > 1 ? [violation('I2', `${id} has ${deployed.length} deployed revisions`)] : []),
      ...locked.map(({ revision, status }) => violation('I2', `${id}: revision ${revision} is still ${status}`)),
    ];
  });
}

const CLOSED_AS: Readonly<Record<string, string>> = {
  ready: 'COMPLETED',
  failed: 'FAILED',
  cancelled: 'CANCELLED',
  deleted: 'COMPLETED',
};

/** I3: what is ready works, and Temporal tells the same end as the record. */
export function checkAgreement(world: World): Violation[] {
  return world.stores.flatMap((store) => [...checkReady(world, store), ...checkRun(world, store)]);
}

function checkReady(world: World, { id, status, namespace }: StoreFact): Violation[] {
  if (status !== 'ready') return [];
  const missing: string[] = [];
  const home = world.namespaces.find(({ name }) => name === namespace);
  if (home === undefined) missing.push('its namespace');
  if (home?.isTerminating === true) missing.push('its namespace, which is being removed');
  if (home !== undefined && home.storeId !== id) missing.push("the namespace's label");
  if (!world.releases.some((each) => each.namespace === namespace && each.status === 'deployed'))
    missing.push('a deployed release');
  if (!world.workloads.some((each) => each.namespace === namespace && each.isReady))
    missing.push('a workload that is ready');
  if (!world.secrets.some((each) => each.namespace === namespace && each.name === 'store-secrets'))
    missing.push('its Secret');
  return missing.map((what) => violation('I3', `${id} is ready, but it lacks ${what}`));
}

function checkRun(world: World, { id, status, runId }: StoreFact): Violation[] {
  const open = world.runs.filter((run) => run.storeId === id && run.status === 'RUNNING');
  const own = world.runs.find((run) => run.runId === runId);
  const expected = CLOSED_AS[status];
  return [
    ...open.map((run) => violation('I3', `${id} is ${status}, but its run ${run.runId} (${run.type}) is still open`)),
    ...(own !== undefined &&
    expected !== undefined &&
    own.status !== 'RUNNING' &&
    own.status !== 'CONTINUED_AS_NEW' &&
    own.status !== expected
      ? [violation('I3', `${id} is ${status}, but its run closed as ${own.status}`)]
      : []),
  ];
}

/** I4: the count that creates are decided by is the number of stores, and was never above the limit. */
export function checkQuota(world: World, seen: { readonly mostLive: number; readonly limit: number }): Violation[] {
  const { quota, live } = world.counted;
  return [
    ...(quota === live ? [] : [violation('I4', `the quota counts ${quota} stores, but there are ${live}`)]),
    ...(seen.mostLive > seen.limit
      ? [violation('I4', `${seen.mostLive} stores were there at once; ${seen.limit} are allowed`)]
      : []),
  ];
}

/** I5: 1, 2, 3 …, no fact twice, each status reachable from the one before. */
export function checkEvents(world: World): Violation[] {
  const byStore = groupBy(world.events, ({ storeId }) => storeId);
  return world.stores.flatMap((store) => {
    const events = byStore.get(store.id) ?? [];
    return [
      ...events.flatMap(({ seq }, index) =>
        seq === index + 1 ? [] : [violation('I5', `${store.id}: event ${index + 1} has number ${seq}`)],
      ),
      ...(events.length === store.lastSeq
        ? []
        : [violation('I5', `${store.id} has ${events.length} events, but counts ${store.lastSeq}`)]),
      ...doubled(events).map((key) => violation('I5', `${store.id} has the event ${key} twice`)),
      ...checkMoves(events),
      ...(events.at(-1) === undefined || events.at(-1)?.status === store.status
        ? []
        : [violation('I5', `${store.id} is ${store.status}, but its last event says ${events.at(-1)?.status}`)]),
    ];
  });
}

function doubled(events: readonly EventFact[]): string[] {
  const keys = events.map(({ dedupeKey }) => dedupeKey).filter((key) => key !== null);
  return keys.filter((key, index) => keys.indexOf(key) !== index);
}

function checkMoves(events: readonly EventFact[]): Violation[] {
  return events.slice(1).flatMap((event, index) => {
    const before = events[index]?.status ?? event.status;
    if (before === event.status || canTransition(before, event.status)) return [];
    return [violation('I5', `${event.storeId}: event ${event.seq} allowedActions from ${before} to ${event.status}`)];
  });
}

/** I8: no value of a Secret is in a record, an event, a history, a release or a log. */
export function checkSecrecy(
  world: World,
  secrets: readonly { readonly namespace: string; readonly key: string; readonly value: string }[],
  logs: readonly { readonly name: string; readonly text: string }[],
): Violation[] {
  const places = [
    { name: 'a row of stores', text: world.stores.map(({ row }) => row).join('\n') },
    { name: 'an event', text: world.events.map(({ row }) => row).join('\n') },
    { name: 'a workflow history', text: world.runs.map(({ history }) => history).join('\n') },
    { name: 'a release record', text: world.releases.map(({ content }) => readable(content)).join('\n') },
    ...logs,
  ];
  return secrets.flatMap(({ namespace, key, value }) =>
    places
      .filter(({ text }) => text.includes(value))
      .map(({ name }) => violation('I8', `the secret ${namespace}/${key} is in ${name}`)),
  );
}

/** A release record is JSON, gzipped, in base64, in the base64 of every Secret. */
function readable(content: string): string {
  return gunzipSync(Buffer.from(Buffer.from(content, 'base64').toString('ascii'), 'base64')).toString('utf8');
}
