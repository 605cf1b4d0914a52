import { describe, expect, test } from '@jest/globals';
import {
  installationOfQueue,
  namespaceOf,
  releaseNameOf,
  clusterQueuesOf,
  clusterScheduleIdsOf,
  scheduleIdsOf,
  slugOf,
  storeIdOf,
  taskQueuesOf,
  workflowIdOf,
} from './names.ts';

const id = '1a2b3c4d-5e6f-5000-8000-000000000000';

describe('slugOf', () => {
  test.each([
    ['Acme Shoes', 'acme-shoes-1a2b3c4d5e6f'],
    ['  Käse & Brot  ', 'kase-brot-1a2b3c4d5e6f'],
    ['24/7', 'shop-24-7-1a2b3c4d5e6f'],
    ['日本の店', 'shop-1a2b3c4d5e6f'],
    ['---', 'shop-1a2b3c4d5e6f'],
    ['A'.repeat(63), `${'a'.repeat(30)}-1a2b3c4d5e6f`],
    ["Robert'); DROP TABLE stores;--", 'robert-drop-table-stores-1a2b3c4d5e6f'],
  ])('turns the name %j into the slug %s', (name, slug) => {
    expect(slugOf({ id, name })).toBe(slug);
  });

  test('differs for stores of one name whose ids differ within the first twelve digits', () => {
    const other = '1a2b3c4d-5e6e-5000-8000-000000000000';
    expect(slugOf({ id, name: 'Acme' })).not.toBe(slugOf({ id: other, name: 'Acme' }));
  });

  test('returns a DNS label that is short enough for the release name and the namespace', () => {
    const names = ['x', 'ß', '🙂🙂', 'a-', '-a', `${'9'.repeat(40)}z`, 'a b '.repeat(15)];
    for (const name of names) {
      const slug = slugOf({ id, name });
      expect(slug).toMatch(/^[a-z]([a-z0-9-]*[a-z0-9])?$/);
      expect(releaseNameOf(slug).length).toBeLessThanOrEqual(53);
      expect(namespaceOf(slug).length).toBeLessThanOrEqual(63);
      // With a STORE_DOMAIN of the maximum length, a host name has 253 characters.
      expect(slug.length).toBeLessThanOrEqual(43);
    }
  });
});

test('returns the store id of a workflow id, and undefined for other workflow ids', () => {
  expect(storeIdOf(workflowIdOf(id))).toBe(id);
  expect(storeIdOf('reconcile-stores')).toBeUndefined();
  expect(storeIdOf('store/../etc')).toBeUndefined();
});

describe('the names of two installations in one Temporal namespace', () => {
  const [one, other] = ['0b8e5a52', '1c9f6b63'] as const;

  test('contain the installation and are different for each cluster', () => {
    const names = [one, other].flatMap((installation) => [
      ...Object.values(taskQueuesOf(installation)),
      ...Object.values(scheduleIdsOf(installation)),
      ...['default', 'eu-1'].flatMap((cluster) => [
        ...Object.values(clusterQueuesOf(installation, cluster)),
        ...Object.values(clusterScheduleIdsOf(installation, cluster)),
      ]),
    ]);
    expect(new Set(names).size).toBe(26);
    expect(names.filter((name) => name.startsWith(`${one}/`))).toHaveLength(13);
    expect(names.filter((name) => name.startsWith(`${other}/`))).toHaveLength(13);
  });

  test('let a workflow run find its installation in the name of its own task queue', () => {
    expect(installationOfQueue(taskQueuesOf(one).control)).toBe(one);
  });
});
