import { expect, test } from '@jest/globals';
import type { PassResult } from './measure.ts';
import { lineThrough, scaleReport, type SizeResult } from './report.ts';

const MIB = 2 ** 20;

function pass(stores: number, requestsPerStore: number): PassResult {
  const work = { requests: stores * requestsPerStore, bytes: stores * 1_024 };
  return { seconds: stores / 50, stores, work, histories: { runs: 1, events: stores, bytes: stores * 100 } };
}

function size(stores: number, withPasses = true, isQuiet = true): SizeResult {
  const life = {
    readyMs: 3_000,
    provision: { runs: 1, events: 50, bytes: 30_000 },
    remove: { requests: 40, bytes: 40_000 },
    removeSeconds: 15,
  };
  return {
    stores,
    volumes: withPasses ? stores * 3 : 25_000,
    isQuiet,
    life,
    passes: withPasses ? { reconcile: pass(stores, 12), verify: pass(stores, 1) } : null,
    memory: { worker: 300 * MIB, 'kube-apiserver': stores * MIB },
    etcdBytes: stores * MIB,
  };
}

test('computes 10,000 stores from the smallest and the largest measured number', () => {
  const line = lineThrough([size(500), size(2_000), size(2_000, false)], ({ etcdBytes }) => etcdBytes);
  expect(line?.slope).toBe(MIB);
  expect(line?.at(10_000)).toBe(10_000 * MIB);
});

test('takes a value that falls as constant', () => {
  const line = lineThrough([size(500), size(2_000)], ({ stores }) => 10_000 - stores);
  expect(line?.at(10_000)).toBe(8_000);
});

test('prints one column per size, the change per 1,000 stores and the computed value', () => {
  const text = scaleReport({
    sizes: [size(500), size(2_000), size(2_000, false)],
    queue: [{ waiting: 10_000, p50Ms: 1.2, p99Ms: 3.4 }],
    objectsPerStore: 50,
    copiesPerSecond: 12,
  });
  expect(text).toContain('| measured | 500 stores | 2,000 stores | 2,000 stores and 25,000 volumes |');
  expect(text).toContain('| database of etcd | 500 MiB | 2,000 MiB | 2,000 MiB | +1,000 MiB | 10,000 MiB |');
  expect(text).toContain('| reconcile pass: API-server requests per store | 12 | 12 | – | +0.00 | 12 |');
  expect(text).toMatch(/requests per store and minute \| 2\.42 \| 2\.42 \| – \| – \| 0\.74 \|/);
  expect(text).toContain('| 10,000 | 1.20 ms | 3.40 ms |');
});

test('leaves out the API-server requests of a size at which the controllers did not stop writing', () => {
  const text = scaleReport({
    sizes: [size(500), size(2_000, true, false)],
    queue: [],
    objectsPerStore: 50,
    copiesPerSecond: 12,
  });
  expect(text).toContain('| delete: API-server requests | 40 | – | – | – |');
  expect(text).toContain('| database of etcd | 500 MiB | 2,000 MiB | +1,000 MiB | 10,000 MiB |');
});
