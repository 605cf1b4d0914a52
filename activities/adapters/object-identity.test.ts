import { expect, test } from '@jest/globals';
import { nameOf, referenceOf, resourceVersionOf, uidOf } from './object-identity.ts';

const pod = { kind: 'Pod', metadata: { name: 'web-1', uid: 'u-1', resourceVersion: '7' } };

test('returns the identity of an object', () => {
  expect([nameOf(pod), uidOf(pod), resourceVersionOf(pod), referenceOf(pod)]).toEqual([
    'web-1',
    'u-1',
    '7',
    'Pod/web-1',
  ]);
});

test('takes the kind of a list item from the caller', () => {
  expect(referenceOf({ metadata: { name: 'web-1' } }, 'Pod')).toBe('Pod/web-1');
});

test.each([
  [nameOf, {}, 'Pod/(no name) has no metadata.name'],
  [nameOf, { name: '' }, 'Pod/(no name) has no metadata.name'],
  [referenceOf, {}, 'Pod/(no name) has no metadata.name'],
  [uidOf, { name: 'web-1' }, 'Pod/web-1 has no metadata.uid'],
  [uidOf, { name: 'web-1', uid: '' }, 'Pod/web-1 has no metadata.uid'],
  [resourceVersionOf, { name: 'web-1', uid: 'u-1' }, 'Pod/web-1 has no metadata.resourceVersion'],
])('%p throws for the metadata %j', (read, metadata, message) => {
  expect(() => read({ kind: 'Pod', metadata })).toThrow(message);
  expect(() => read({ metadata }, 'Pod')).toThrow(message);
});

test('throws for an object without metadata and kind', () => {
  expect(() => uidOf({})).toThrow('object/(no name) has no metadata.uid');
});
