import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { engineSpec } from '../../domain/engines/index.ts';
import type { Kube } from '../adapters/kube.ts';
import { keepGrownVolumes } from './grown-volumes.ts';

const dir = fileURLToPath(new URL('../../helm/woocommerce', import.meta.url));
const chart = { dir, volumeSizes: engineSpec('woocommerce').volumeSizes };

/** Returns a cluster whose namespace has claims of these sizes. */
function clusterWith(sizes: Readonly<Record<string, string>>): Kube {
  const items = Object.entries(sizes).map(([name, storage]) => ({
    metadata: { name },
    spec: { resources: { requests: { storage } } },
  }));
  // The function calls nothing else.
  return {
    call: (_: string, request: () => unknown) => request(),
    core: { listNamespacedPersistentVolumeClaim: async () => ({ items }) },
  } as unknown as Kube;
}

const image = { repository: 'shop' };

describe('the size of a volume in the release is', () => {
  test.each<[string, Readonly<Record<string, string>>, object, object]>([
    ['the default without a live claim', {}, { image }, { image }],
    ['the default when the live claim has it', { 'db-data': '5Gi', uploads: '5120Mi' }, { image }, { image }],
    [
      'the live one when it is larger than the default, in the form that the cluster has',
      { 'db-data': '10240Mi', uploads: '6G' },
      { image, db: { image } },
      { image, db: { image, storage: { size: '10240Mi' } }, uploads: { size: '6G' } },
    ],
    [
      'the live one when it is larger than an override',
      { 'db-data': '10Gi' },
      { db: { storage: { size: '8Gi', storageClassName: 'fast' } } },
      { db: { storage: { size: '10Gi', storageClassName: 'fast' } } },
    ],
    [
      'the override when it is larger than the live one',
      { 'db-data': '10Gi' },
      { db: { storage: { size: '20Gi' } } },
      { db: { storage: { size: '20Gi' } } },
    ],
    ['not changed for a claim that the chart does not have', { other: '10Gi' }, { image }, { image }],
  ])('%s', async (_, sizes, values, expected) => {
    const result = await keepGrownVolumes(clusterWith(sizes), 'store-x', { chart, values: { ...values } });
    expect(result).toEqual(expected);
  });
});
