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
import { NODE } from './node-layout.ts';

/** Name under which the storage class calls on this provisioner. */
export const VOLUME_PROVISIONER = 'store-platform.dev/node-folder';

const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
/** Set by the scheduler once it knows where the claim's first pod will run. */
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
/** What failed is tried again then; changes are acted on at once. */
const RECHECK_MS = 5_000;
const RECONNECT_MS = 1_000;

export interface VolumeProvisioner {
  stop(): Promise<void>;
}

/**
 * Makes a folder for each claim on this node, and removes it when the claim is gone. Provisioners that can be had make and remove
 * a folder by a pod of its own and look once a second whether it is through: that took four of the seconds that a store
 * needs until it sells.
 *
 * Safe to stop at any point and to start again: what is there is found, what is missing is made.
 *
 * @param kubeconfig Path; its user reads claims and owns volumes.
 * @param folder Below it each volume has its folder, open to every user of a pod.
 * @param report Is told what failed, and will be tried again.
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
  /** By name of the object, so that none is worked on twice at once. */
  const busy = new Map<string, Promise<void>>();
  let stopped = false;

  function once(name: string, work: () => Promise<void>): void {
    if (stopped || busy.has(name)) return;
    const run = work()
      .catch((error: unknown) => report(`${name}: ${String(error)}`))
      .finally(() => busy.delete(name));
    busy.set(name, run);
  }

  const provide = (claim: V1PersistentVolumeClaim) => {
    if (isWanted(claim)) once(volumeName(claim), () => createVolume(core, folder, claim));
  };
  const clear = (volume: V1PersistentVolume) => {
    if (isLeft(volume)) once(volume.metadata?.name ?? '', () => removeVolume(core, folder, volume));
  };
  const endings = [await follow(claims, provide, report), await follow(volumes, clear, report)];
  const recheck = setInterval(() => {
    claims.list().forEach(provide);
    volumes.list().forEach(clear);
  }, RECHECK_MS);

  return {
    async stop() {
      stopped = true;
      clearInterval(recheck);
      for (const end of endings) end();
      await Promise.all(busy.values());
    },
  };
}

/** Has every object that is there, that comes and that changes acted on, until the function that it returns is called. */
async function follow<T extends KubernetesObject>(
  informer: Informer<T>,
  act: (object: T) => void,
  report: (problem: string) => void,
): Promise<() => void> {
  let reconnect: NodeJS.Timeout | undefined;
  async function connect(): Promise<void> {
    await informer.start().catch(lost);
  }
  function lost(error: unknown): void {
    report(`volumes and claims can't be watched: ${String(error)}`);
    reconnect = setTimeout(() => void connect(), RECONNECT_MS);
  }
  informer.on('add', act);
  informer.on('update', act);
  informer.on('error', lost);
  await connect();
  return () => {
    clearTimeout(reconnect);
    informer.off('error', lost);
    informer.on('error', () => undefined); // its connection ends with an error
    void informer.stop();
  };
}

function isWanted({ metadata, spec, status }: V1PersistentVolumeClaim): boolean {
  return (
    spec?.storageClassName === NODE.storageClass &&
    status?.phase === 'Pending' &&
    spec.volumeName === undefined &&
    metadata?.deletionTimestamp === undefined &&
    metadata?.annotations?.[SELECTED_NODE] === NODE.name
  );
}

function isLeft({ metadata, spec, status }: V1PersistentVolume): boolean {
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
  await chmod(path, 0o777); // of its own, since the mode of `mkdir` is cut by the process's mask
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

/** The folder first: a volume that is still there is seen again. */
async function removeVolume(core: CoreV1Api, folder: string, volume: V1PersistentVolume): Promise<void> {
  const name = volume.metadata?.name ?? '';
  const path = volume.spec?.hostPath?.path ?? '';
  if (dirname(path) !== folder || !basename(path).startsWith(`${name}_`))
    throw new Error(`${path} is not a folder of ours`);
  await rm(path, { recursive: true, force: true });
  await deleteIfPresent(() => core.deletePersistentVolume({ name }));
}
