import { describe, expect, test } from '@jest/globals';
import { LABELS } from '../../domain/names.ts';
import { clusterInput, ownedInTest } from '../../test/harness/platform/cluster-activities.ts';
import { namespaceObject, quotaObject } from './objects.ts';
import { belongsTo, labelsOf, ownedBy, selectorOf } from './ownership.ts';

const store = ownedInTest(clusterInput().store);

function without(label: string): Record<string, string> {
  return Object.fromEntries(Object.entries(labelsOf(store)).filter(([name]) => name !== label));
}

describe('belongsTo', () => {
  test.each<[string, Record<string, string> | undefined, boolean]>([
    ['of this store and this installation', labelsOf(store), true],
    ['of another store', { ...labelsOf(store), [LABELS.storeId]: 'other' }, false],
    ['of the same store id in another installation', { ...labelsOf(store), [LABELS.installation]: 'other' }, false],
    ['without a store id', without(LABELS.storeId), false],
    ['without an installation', without(LABELS.installation), false],
    ['without labels', undefined, false],
  ])('an object %s: %s', (_, labels, expected) => {
    expect(belongsTo(store, labels === undefined ? {} : { metadata: { labels } })).toBe(expected);
  });

  test('accepts the objects that the platform creates', () => {
    for (const object of [namespaceObject(store), quotaObject(store)]) expect(belongsTo(store, object)).toBe(true);
  });
});

test('the selector names the store and the installation', () => {
  expect(selectorOf(ownedBy('prod', clusterInput({ storeId: 'id' })).store)).toBe(
    'store-platform.dev/store-id=id,store-platform.dev/installation=prod',
  );
});

test.each([
  ['ann@example.com', 'ann-example.com'],
  ['-a-', 'a'],
  ['x'.repeat(70), 'x'.repeat(63)],
  [`${'x'.repeat(62)}@@`, 'x'.repeat(62)],
  ['日本', ''],
])('the tenant id %j gives the label value %j', (tenantId, value) => {
  expect(labelsOf({ ...store, tenantId })[LABELS.tenantId]).toBe(value);
});
