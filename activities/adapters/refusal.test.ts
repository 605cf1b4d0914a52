import { describe, expect, test } from '@jest/globals';
import type { FailureCode } from '../../domain/failure.ts';
import { classifyCall, classifyRefusal, type Refusal } from './refusal.ts';

describe('a message alone is classified', () => {
  test.each<[FailureCode | undefined, string]>([
    ['NAMESPACE_QUOTA_EXCEEDED', 'pods "db-0" is forbidden: exceeded quota: store-quota, requested: pods=1'],
    ['NAMESPACE_QUOTA_EXCEEDED', 'pods "a" is forbidden: failed quota: store-quota: must specify limits.cpu for: main'],
    ['CLUSTER_UNAVAILABLE', 'services "web" is forbidden: status unknown for quota: store-quota, resources: pods'],
    [
      'NAMESPACE_TERMINATING',
      'pods "a" is forbidden: unable to create new content in namespace x because it is being terminated',
    ],
    ['ADMISSION_REFUSED', 'pods "a" is forbidden: violates PodSecurity "restricted:v1.32": privileged'],
    ['ADMISSION_REFUSED', 'admission webhook "a.example.com" denied the request: connection refused by policy'],
    ['ADMISSION_REFUSED', 'pods "a" is forbidden: [maximum cpu usage per Container is 1, but limit is 2]'],
    ['ADMISSION_REFUSED', "pods \"a\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request"],
    ['ADMISSION_REFUSED', 'pods "a" is forbidden: unable to validate against any security context constraint'],
    ['ADMISSION_REFUSED', 'Deployment.apps "web" is invalid: spec.selector: field is immutable'],
    ['CLUSTER_REFUSED', 'pods is forbidden: User "system:serviceaccount:a:b" cannot create resource "pods"'],
    ['CLUSTER_UNAVAILABLE', 'Internal error occurred: failed calling webhook "a": context deadline exceeded'],
    ['CLUSTER_UNAVAILABLE', 'Error: the server has asked for the client to provide credentials'],
    ['CLUSTER_UNAVAILABLE', 'Error: UPGRADE FAILED: create: failed to create: Unauthorized'],
    ['CLUSTER_UNAVAILABLE', 'pods "a" is forbidden: error looking up service account x/web: not found'],
    ['CLUSTER_UNAVAILABLE', 'is forbidden: etcdserver: request timed out'],
    [undefined, 'object is being deleted: pods "web-0" already exists'],
    [undefined, ''],
  ])('%s: %s', (code, message) => {
    expect(classifyRefusal({ message })).toBe(code);
  });
});

describe('a status decides where the message does not', () => {
  test.each<[FailureCode | undefined, Refusal]>([
    ['CLUSTER_UNAVAILABLE', { status: 408, message: '' }],
    ['CLUSTER_UNAVAILABLE', { status: 409, message: 'the object has been modified' }],
    ['CLUSTER_UNAVAILABLE', { status: 429, message: 'exceeded quota: too fast' }],
    ['CLUSTER_UNAVAILABLE', { status: 500, message: 'admission webhook "a" denied the request' }],
    ['CLUSTER_UNAVAILABLE', { status: 504, message: '' }],
    ['NAMESPACE_QUOTA_EXCEEDED', { status: 403, reason: 'Forbidden', message: 'exceeded quota: store-quota' }],
    ['NAMESPACE_TERMINATING', { status: 403, reason: 'NamespaceTerminating', message: '' }],
    ['ADMISSION_REFUSED', { status: 422, reason: 'Invalid', message: 'spec.replicas: must be positive' }],
    ['CLUSTER_UNAVAILABLE', { status: 401, reason: 'Unauthorized', message: 'Unauthorized' }],
    ['CLUSTER_UNAVAILABLE', { status: 410, reason: 'Expired', message: 'The provided continue parameter is too old' }],
    [undefined, { status: 404, reason: 'NotFound', message: 'namespaces "x" not found' }],
  ])('%s: %j', (code, refusal) => {
    expect(classifyRefusal(refusal)).toBe(code);
  });
});

describe('a call without the permission for it', () => {
  const forbidden = { status: 403, reason: 'Forbidden', message: 'pods is forbidden: User "u" cannot create pods' };

  test('is retried, because a starting API server also answers 403', () => {
    expect(classifyCall(forbidden)).toBe('CLUSTER_UNAVAILABLE');
  });

  test.each<[FailureCode | undefined, string]>([
    ['NAMESPACE_QUOTA_EXCEEDED', 'pods "a" is forbidden: exceeded quota: store-quota'],
    ['ADMISSION_REFUSED', 'pods "a" is forbidden: violates PodSecurity "restricted:v1.32": privileged'],
    [
      'ADMISSION_REFUSED',
      'roles "a" is forbidden: user "u" is attempting to grant RBAC permissions not currently held',
    ],
  ])('is not confused with %s: %s', (code, message) => {
    expect(classifyCall({ ...forbidden, message })).toBe(code);
  });
});
