import { chmod, mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  CoreV1Api,
  makeInformer,
  type Informer,
  type KubernetesObject,
  type V1PersistentVolume,
  type V1PersistentVolumeClaim,
} from '@kubernetes/client-node';
import { createIfAbsent, deleteIfPresent, localKubeConfig } from '../services/cluster-objects.ts';
import { messageOf } from '../stack-error.ts';
import { NODE } from './node-layout.ts';

/** The provisioner name in the storage class. */
export const VOLUME_PROVISIONER = 'store-platform.dev/node-folder';

const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
/** The scheduler sets this annotation when it has chosen the node of the claim's first pod. */
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
/** Interval at which failed work is retried. Changes are handled immediately. */
const RETRY_INTERVAL_MS = 5_000;
const RECONNECT_MS = 1_000;

export interface VolumeProvisioner {
  stop(): Promise<void>;
}

/**
 * Creates a folder and a volume for each claim of this node. Deletes them when the claim is deleted. Existing
 * provisioners run a helper pod per folder and poll it once a second, which added four seconds to the provision of a
 * store.
 *
 * Safe to stop at any time: after the next start it handles the claims and volumes that changed while it was stopped.
 *
 * @param kubeconfig Path of a kubeconfig. Its user can read claims and create and delete volumes.
 * @param folder Contains one folder per volume. Every user in a pod can write to it.
 * @param report Receives a message for each failure. The provisioner retries failed work.
 */
export async function startVolumeProvisioner(input: {
  readonly kubeconfig: string;
  readonly folder: string;
  readonly report: (problem: string) => void;
}): Promise<VolumeProvisioner> {
  const { folder, report } = input;
  await mkdir(folder, { recursive: true });
  const config = localKubeConfig(input.kubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  const claims = makeInformer(config, '/api/v1/persistentvolumeclaims', () =>
    core.listPersistentVolumeClaimForAllNamespaces(),
  );
  const volumes = makeInformer(config, '/api/v1/persistentvolumes', () => core.listPersistentVolume());
  /** Running work by volume name, so that two runs never handle the same volume. */
  const running = new Map<string, Promise<void>>();
  let stopped = false;

  function runOnce(name: string, work: () => Promise<void>): void {
    if (stopped || running.has(name)) return;
    const task = work()
      .catch((error: unknown) => report(`The work on volume ${name} failed and will be retried: ${messageOf(error)}`))
      .finally(() => running.delete(name));
    running.set(name, task);
  }

  const handleClaim = (claim: V1PersistentVolumeClaim) => {
    if (needsVolume(claim)) runOnce(volumeName(claim), () => createVolume(core, folder, claim));
  };
  const handleVolume = (volume: V1PersistentVolume) => {
    if (isReleased(volume)) runOnce(volume.metadata?.name ?? '', () => deleteVolume(core, folder, volume));
  };
  const stopWatches = [await watch(claims, handleClaim, report), await watch(volumes, handleVolume, report)];
  const retries = setInterval(() => {
    claims.list().forEach(handleClaim);
    volumes.list().forEach(handleVolume);
  }, RETRY_INTERVAL_MS);

  return {
    async stop() {
      stopped = true;
      clearInterval(retries);
      for (const stopWatch of stopWatches) stopWatch();
      await Promise.all(running.values());
    },
  };
}

/** Calls `handle` for each existing, added and updated object. Returns a function that stops the watch. */
async function watch<T extends KubernetesObject>(
  informer: Informer<T>,
  handle: (object: T) => void,
  report: (problem: string) => void,
): Promise<() => void> {
  let reconnect: NodeJS.Timeout | undefined;
  async function connect(): Promise<void> {
    await informer.start().catch(reconnectLater);
  }
  function reconnectLater(error: unknown): void {
    report(`The watch of volumes or claims failed and reconnects in 1 s: ${messageOf(error)}`);
    reconnect = setTimeout(() => void connect(), RECONNECT_MS);
  }
  informer.on('add', handle);
  informer.on('update', handle);
  informer.on('error', reconnectLater);
  await connect();
  return () => {
    clearTimeout(reconnect);
    informer.off('error', reconnectLater);
    informer.on('error', () => undefined); // the stop closes the connection, which emits an error
    void informer.stop();
  };
}

function needsVolume({ metadata, spec, status }: V1PersistentVolumeClaim): boolean {
  return (
    spec?.storageClassName === NODE.storageClass &&
    status?.phase === 'Pending' &&
    spec.volumeName === undefined &&
    metadata?.deletionTimestamp === undefined &&
    metadata?.annotations?.[SELECTED_NODE] === NODE.name
  );
}

function isReleased({ metadata, spec, status }: V1PersistentVolume): boolean {
  return (
    metadata?.annotations?.[PROVISIONED_BY] === VOLUME_PROVISIONER &&
    spec?.persistentVolumeReclaimPolicy === 'Delete' &&
    status?.phase === 'Released'
  );
}

function volumeName(claim: V1PersistentVolumeClaim): string {
  return `pvc-${claim.metadata?.uid}`;
}

async function createVolume(core: CoreV1Api, folder: string, claim: V1PersistentVolumeClaim): Promise<void> {
  const name = volumeName(claim);
  const { namespace, name: claimName, uid } = claim.metadata ?? {};
  const path = join(folder, `${name}_${namespace}_${claimName}`);
  await mkdir(path, { recursive: true });
  await chmod(path, 0o777); // a separate call, because the umask limits the mode of `mkdir`
  const matchExpressions = [{ key: 'kubernetes.io/hostname', operator: 'In', values: [NODE.name] }];
  const body: V1PersistentVolume = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, annotations: { [PROVISIONED_BY]: VOLUME_PROVISIONER } },
    spec: {
      storageClassName: NODE.storageClass,
      persistentVolumeReclaimPolicy: 'Delete',
      ...(claim.spec?.accessModes === undefined ? {} : { accessModes: claim.spec.accessModes }),
      capacity: { storage: claim.spec?.resources?.requests?.['storage'] ?? '' },
      hostPath: { path, type: 'Directory' },
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        ...(namespace === undefined ? {} : { namespace }),
        ...(claimName === undefined ? {} : { name: claimName }),
        ...(uid === undefined ? {} : { uid }),
      },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } },
    },
  };
  await createIfAbsent(() => core.createPersistentVolume({ body }));
}

/** Deletes the folder first: if that fails, the volume still exists and the next retry finds it. */
async function deleteVolume(core: CoreV1Api, folder: string, volume: V1PersistentVolume): Promise<void> {
  const name = volume.metadata?.name ?? '';
  const path = volume.spec?.hostPath?.path ?? '';
  if (dirname(path) !== folder || !basename(path).startsWith(`${name}_`))
    throw new Error(`its path ${path} is not a folder of this provisioner`);
  await rm(path, { recursive: true, force: true });
  await deleteIfPresent(() => core.deletePersistentVolume({ name }));
}
