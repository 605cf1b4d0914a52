import { KubernetesObjectApi, PatchStrategy, type KubeConfig, type KubernetesObject } from '@kubernetes/client-node';
import { NODE } from './node-layout.ts';
import { VOLUME_PROVISIONER } from './volumes.ts';

/** Cluster users of the node's programs. Kubernetes defines the names for the kubelet and kube-proxy. */
export const NODE_USERS = {
  kubelet: { subject: `O=system:nodes, CN=system:node:${NODE.name}`, user: `system:node:${NODE.name}` },
  kubeProxy: { subject: 'CN=system:kube-proxy', user: 'system:kube-proxy' },
  nameServer: { subject: 'CN=store-platform:name-server', user: 'store-platform:name-server' },
  volumes: { subject: 'CN=store-platform:volumes', user: 'store-platform:volumes' },
} as const;

const FIELD_MANAGER = 'store-platform-node';

/**
 * Creates or updates the objects that the node's programs need in the cluster, with server-side apply.
 *
 * @param apiServerPort Port of the bridge address at which pods reach the API server. Undefined: they do not.
 */
export async function ensureNodeObjects(
  config: KubeConfig,
  { apiServerPort }: { readonly apiServerPort: number | undefined },
): Promise<void> {
  const api = KubernetesObjectApi.makeApiClient(config);
  const forPods = apiServerPort === undefined ? [] : [apiServerEndpoint(apiServerPort)];
  for (const body of [...nameServerObjects(), ...volumeObjects(), ...forPods]) {
    await api.patch(body, undefined, undefined, FIELD_MANAGER, true, PatchStrategy.ServerSideApply);
  }
}

/** The Service reserves the DNS address and routes it to the name server on the bridge. */
function nameServerObjects(): readonly KubernetesObject[] {
  const ports = [
    { name: 'dns', port: 53, protocol: 'UDP' },
    { name: 'dns-tcp', port: 53, protocol: 'TCP' },
  ];
  return [
    ...grant(NODE_USERS.nameServer.user, [
      { apiGroups: [''], resources: ['services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ]),
    object(
      'v1',
      'Service',
      { name: 'kube-dns', namespace: 'kube-system' },
      {
        spec: { clusterIP: NODE.dnsAddress, ports: ports.map((port) => ({ ...port, targetPort: port.port })) },
      },
    ),
    object(
      'discovery.k8s.io/v1',
      'EndpointSlice',
      {
        name: 'kube-dns-node',
        namespace: 'kube-system',
        labels: { 'kubernetes.io/service-name': 'kube-dns', 'endpointslice.kubernetes.io/managed-by': FIELD_MANAGER },
      },
      { addressType: 'IPv4', endpoints: [{ addresses: [NODE.address], conditions: { ready: true } }], ports },
    ),
  ];
}

/** Makes the Service `kubernetes` lead to the gateway. The API server itself listens on a loopback address. */
function apiServerEndpoint(port: number): KubernetesObject {
  return object(
    'discovery.k8s.io/v1',
    'EndpointSlice',
    {
      name: 'kubernetes',
      namespace: 'default',
      labels: { 'kubernetes.io/service-name': 'kubernetes', 'endpointslice.kubernetes.io/managed-by': FIELD_MANAGER },
    },
    {
      addressType: 'IPv4',
      endpoints: [{ addresses: [NODE.address], conditions: { ready: true } }],
      ports: [{ name: 'https', port, protocol: 'TCP' }],
    },
  );
}

function volumeObjects(): readonly KubernetesObject[] {
  const read = ['get', 'list', 'watch'];
  return [
    ...grant(NODE_USERS.volumes.user, [
      { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: read },
      { apiGroups: [''], resources: ['persistentvolumes'], verbs: [...read, 'create', 'delete'] },
    ]),
    object(
      'storage.k8s.io/v1',
      'StorageClass',
      { name: NODE.storageClass, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      { provisioner: VOLUME_PROVISIONER, reclaimPolicy: 'Delete', volumeBindingMode: 'WaitForFirstConsumer' },
    ),
  ];
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** Returns a ClusterRole and its binding to one user. */
function grant(user: string, rules: readonly Rule[]): readonly KubernetesObject[] {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  return [
    object(apiVersion, 'ClusterRole', { name: user }, { rules }),
    object(
      apiVersion,
      'ClusterRoleBinding',
      { name: user },
      {
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: user },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
      },
    ),
  ];
}

function object(
  apiVersion: string,
  kind: string,
  metadata: NonNullable<KubernetesObject['metadata']>,
  rest: Readonly<Record<string, unknown>> = {},
): KubernetesObject {
  return { apiVersion, kind, metadata, ...rest };
}
