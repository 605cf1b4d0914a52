import { expect, test } from '@jest/globals';
import type { FailureCode } from '../../domain/failure.ts';
import { translateHelmError } from './helm-errors.ts';

test.each<[FailureCode, string]>([
  ['RELEASE_LOCKED', 'Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress'],
  [
    'CHART_INVALID',
    "Error: values don't meet the specifications of the schema(s) in the following chart(s):\nshop:\n- at '': additional properties 'x' not allowed",
  ],
  ['CHART_INVALID', 'Error: path "/charts/none" not found'],
  ['CHART_INVALID', 'Error: template: shop/templates/a.yaml:3:4: executing "shop" at <.Values.x.y>: nil pointer'],
  [
    'NAMESPACE_QUOTA_EXCEEDED',
    'Error: INSTALL FAILED: persistentvolumeclaims "data" is forbidden: exceeded quota: store-quota',
  ],
  ['ADMISSION_REFUSED', 'Error: admission webhook "policy.example.com" denied the request: no latest tags'],
  ['ADMISSION_REFUSED', 'Error: Deployment.apps "web" is invalid: spec.selector: Invalid value: field is immutable'],
  ['CLUSTER_UNAVAILABLE', 'Error: roles.rbac.authorization.k8s.io is forbidden: User "x" cannot create resource'],
  [
    'NAMESPACE_TERMINATING',
    'Error: secrets is forbidden: unable to create new content in namespace x because it is being terminated',
  ],
  [
    'CLUSTER_UNAVAILABLE',
    'Error: Kubernetes cluster unreachable: Get "https://127.0.0.1:1/version": dial tcp: connect: connection refused',
  ],
  ['CLUSTER_UNAVAILABLE', 'Error: net/http: TLS handshake timeout'],
  ['CLUSTER_UNAVAILABLE', 'Error: etcdserver: request timed out'],
  ['CLUSTER_UNAVAILABLE', 'Error: services "web" is forbidden: status unknown for quota: store-quota, resources: pods'],
  [
    'FIELD_CONFLICT',
    'Error: UPGRADE FAILED: conflict occurred while applying object store-x/web apps/v1, Kind=Deployment: Apply failed with 1 conflict: conflict with "kubectl-set" using apps/v1: .spec.template.spec.containers[name="main"].image',
  ],
  [
    'CLUSTER_UNAVAILABLE',
    'Error: resource mapping not found for name: "web" namespace: "": no matches for kind "Deployment" in version "apps/v1"',
  ],
  ['RELEASE_FAILED', 'Error: an unknown problem'],
  ['RELEASE_FAILED', ''],
])('%s: %s', (code, stderr) => {
  expect(translateHelmError('install the release x', stderr)).toMatchObject({ code });
});

test('the message is one line of bounded length without warnings, local paths and secrets', () => {
  const stderr = [
    'level=WARN msg="unable to find exact version"',
    'WARNING: Kubernetes configuration file is group-readable',
    'Error: failed parsing /tmp/store-helm-1/values.json and /srv/charts/shop: password=hunter2',
    'x'.repeat(2_000),
  ].join('\n');
  const { publicMessage } = translateHelmError('install the release x', stderr, {
    '/tmp/store-helm-1/': '',
    '/srv/charts/shop': 'the chart',
  });
  expect(publicMessage).toMatch(
    /^helm could not install the release x: failed parsing values\.json and the chart: password=\[redacted\] x+…$/,
  );
  expect(publicMessage.length).toBeLessThan(700);
});

test('only the cause has the output of a credential plugin and its path', () => {
  const reason = 'getting credentials: exec: executable /opt/login failed with exit code 1';
  expect(translateHelmError('install the release x', `session of jo expired\nError: ${reason}`)).toMatchObject({
    code: 'CLUSTER_UNAVAILABLE',
    publicMessage:
      'helm could not install the release x: the platform could not load its credentials for the Kubernetes API',
    cause: { message: `session of jo expired ${reason}` },
  });
});

test('a kind that the cluster does not have is named, and is not retried', () => {
  const stderr = [
    'Error: unable to build kubernetes objects from release manifest: resource mapping not found for name: "storefront"',
    ' namespace: "" from "": no matches for kind "HTTPRoute" in version "gateway.networking.k8s.io/v1"',
    'ensure CRDs are installed first',
  ].join('\n');
  expect(translateHelmError('install the release x', stderr)).toMatchObject({
    code: 'CHART_INVALID',
    publicMessage:
      'helm could not install the release x: the cluster has no kind HTTPRoute of gateway.networking.k8s.io/v1: ' +
      'install its CustomResourceDefinition, or change the values of the chart',
  });
});
