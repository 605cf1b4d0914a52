import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { StorageV1Api } from '@kubernetes/client-node';
import { eventually, kubeClients, uniqueName } from '../../test/harness/stack/stack.ts';
import { NODE } from './node-layout.ts';
import { startVolumeProvisioner, VOLUME_PROVISIONER, type VolumeProvisioner } from './volumes.ts';

const { core, config } = kubeClients();
const namespace = uniqueName('volumes');
const problems: string[] = [];
let folder: string;
let kubeconfig: string;
let provisioner: VolumeProvisioner;

beforeAll(async () => {
  const work = mkdtempSync(join(tmpdir(), 'store-platform-volumes-'));
  folder = join(work, 'volumes');
  kubeconfig = join(work, 'kubeconfig');
  writeFileSync(kubeconfig, config.exportConfig());
  await core.createNamespace({ body: { metadata: { name: namespace } } });
  await config.makeApiClient(StorageV1Api).createStorageClass({
    body: {
      metadata: { name: NODE.storageClass },
      provisioner: VOLUME_PROVISIONER,
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'WaitForFirstConsumer',
    },
  });
  await start();
});

afterAll(async () => {
  await provisioner.stop();
  await config.makeApiClient(StorageV1Api).deleteStorageClass({ name: NODE.storageClass });
  await core.deleteNamespace({ name: namespace });
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

async function start(): Promise<void> {
  provisioner = await startVolumeProvisioner({ kubeconfig, folder, report: (problem) => void problems.push(problem) });
}

/** Creates a claim with the node annotation that the scheduler sets. */
async function claim(name: string, storageClassName: string = NODE.storageClass): Promise<void> {
  const annotations = { 'volume.kubernetes.io/selected-node': NODE.name };
  const resources = { requests: { storage: '1Gi' } };
  const spec = { storageClassName, accessModes: ['ReadWriteOnce'], resources };
  await core.createNamespacedPersistentVolumeClaim({ namespace, body: { metadata: { name, annotations }, spec } });
}

async function bound(name: string): Promise<string> {
  return eventually(async () => {
    const { spec, status } = await core.readNamespacedPersistentVolumeClaim({ namespace, name });
    return status?.phase === 'Bound' && (spec?.volumeName ?? '');
  });
}

async function isGone(volume: string): Promise<boolean> {
  return core.readPersistentVolume({ name: volume }).then(
    () => false,
    () => true,
  );
}

test('creates a folder that every user can write to and deletes it with its claim', async () => {
  await claim('data');
  const volume = await bound('data');
  const path = join(folder, `${volume}_${namespace}_data`);
  expect(statSync(path).mode & 0o777).toBe(0o777);
  mkdirSync(join(path, 'own'));
  chmodSync(join(path, 'own'), 0o500);

  await core.deleteNamespacedPersistentVolumeClaim({ namespace, name: 'data' });
  await eventually(() => isGone(volume));
  expect(readdirSync(folder)).toEqual([]);
});

test('handles the claims that were created and deleted while it was stopped', async () => {
  await claim('kept');
  const kept = await bound('kept');
  await provisioner.stop();
  await claim('late');
  await core.deleteNamespacedPersistentVolumeClaim({ namespace, name: 'kept' });
  await start();
  const late = await bound('late');
  await eventually(() => isGone(kept));
  expect(readdirSync(folder)).toEqual([`${late}_${namespace}_late`]);
  expect(problems).toEqual([]);
});

test('ignores claims of other storage classes and does not delete folders outside its own folder', async () => {
  await claim('foreign', 'unknown');
  const foreignVolume = `pvc-${namespace}`;
  const outside = join(folder, '..', 'outside');
  mkdirSync(outside);
  const claimRef = { kind: 'PersistentVolumeClaim', namespace, name: 'never', uid: 'never' };
  await core.createPersistentVolume({
    body: {
      metadata: { name: foreignVolume, annotations: { 'pv.kubernetes.io/provisioned-by': VOLUME_PROVISIONER } },
      spec: {
        storageClassName: NODE.storageClass,
        persistentVolumeReclaimPolicy: 'Delete',
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '1Gi' },
        hostPath: { path: outside },
        claimRef,
      },
    },
  });
  await eventually(() =>
    problems.some((problem) => problem.includes(`its path ${outside} is not a folder of this provisioner`)),
  );
  expect(statSync(outside).isDirectory()).toBe(true);
  expect(await isGone(foreignVolume)).toBe(false);
  const { status } = await core.readNamespacedPersistentVolumeClaim({ namespace, name: 'foreign' });
  expect(status?.phase).toBe('Pending');
  await core.deletePersistentVolume({ name: foreignVolume });
});
