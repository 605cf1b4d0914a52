import type {
  KubernetesObject,
  V1LimitRange,
  V1Namespace,
  V1NetworkPolicy,
  V1ResourceQuota,
} from '@kubernetes/client-node';
import { engineSpec } from '../../domain/engines/index.ts';
import { ANNOTATIONS, LABELS, MANAGER } from '../../domain/names.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

/** Pinned, so that admission accepts a running store after an upgrade of the cluster. */
const POD_SECURITY_VERSION = 'v1.32';

/** Returns the labels of every object that the platform creates for a store. */
export function labelsOf(store: StoreTarget): Record<string, string> {
  return {
    [LABELS.managedBy]: MANAGER,
    [LABELS.storeId]: store.storeId,
    [LABELS.tenantId]: labelValue(store.tenantId),
    [LABELS.engine]: store.engine,
  };
}

/**
 * Returns whether an object has the label with this store's id. Without it, the platform neither adopts nor deletes it.
 */
export function belongsTo(store: StoreTarget, object: KubernetesObject): boolean {
  return object.metadata?.labels?.[LABELS.storeId] === store.storeId;
}

/**
 * Returns the namespace object with all ownership labels. With a `uid`, an apply changes that namespace only and fails
 * when it is gone; without one, it would create the namespace again.
 */
export function namespaceObject(
  store: StoreTarget,
  installation: string,
  own: { readonly uid?: string | undefined; readonly annotations?: Readonly<Record<string, string>> } = {},
): V1Namespace {
  const podSecurity = ['enforce', 'warn', 'audit'].flatMap((mode) => [
    [`pod-security.kubernetes.io/${mode}`, 'restricted'],
    [`pod-security.kubernetes.io/${mode}-version`, POD_SECURITY_VERSION],
  ]);
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: store.namespace,
      labels: {
        ...labelsOf(store),
        [LABELS.installation]: installation,
        ...Object.fromEntries(podSecurity),
      },
      annotations: { [ANNOTATIONS.storeName]: store.name, ...own.annotations },
      ...(own.uid === undefined ? {} : { uid: own.uid }),
    },
  };
}

export function quotaObject(store: StoreTarget): V1ResourceQuota {
  const { quota } = engineSpec(store.engine);
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: metadataOf(store, 'store-quota'),
    spec: {
      hard: {
        'requests.cpu': quota.cpuRequests,
        'requests.memory': quota.memoryRequests,
        'limits.cpu': quota.cpuLimits,
        'limits.memory': quota.memoryLimits,
        pods: String(quota.pods),
        persistentvolumeclaims: String(quota.volumeClaims),
        'requests.storage': quota.storage,
        // The ingress is the only way to a store.
        'services.loadbalancers': '0',
        'services.nodeports': '0',
      },
    },
  };
}

/** Returns defaults for containers without requests and limits: the quota refuses such containers. */
export function limitRangeObject(store: StoreTarget): V1LimitRange {
  return {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: metadataOf(store, 'store-limits'),
    spec: {
      limits: [
        {
          type: 'Container',
          _default: { cpu: '500m', memory: '256Mi' },
          defaultRequest: { cpu: '50m', memory: '64Mi' },
        },
      ],
    },
  };
}

/** Denies all traffic but DNS lookups. The policies of the chart allow the rest that a store needs. */
export function networkPolicyObject(store: StoreTarget): V1NetworkPolicy {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadataOf(store, 'default-deny'),
    spec: {
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
      egress: [
        {
          // Without peers: depending on the cluster, resolvers are pods, node-local daemons or host processes.
          ports: [
            { protocol: 'UDP', port: 53 },
            { protocol: 'TCP', port: 53 },
          ],
        },
      ],
    },
  };
}

function metadataOf(store: StoreTarget, name: string) {
  return { name, namespace: store.namespace, labels: labelsOf(store) };
}

/** Converts a tenant id to a label value, which allows fewer characters. */
function labelValue(text: string): string {
  return text
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .slice(0, 63)
    .replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
}
