import type {
  KubernetesObject,
  V1LimitRange,
  V1Namespace,
  V1NetworkPolicy,
  V1ResourceQuota,
} from '@kubernetes/client-node';
import { engineSpec } from '../../domain/engines/index.ts';
import { ANNOTATIONS, LABELS, MANAGER } from '../../domain/names.ts';
import type { StoreTarget } from '../../domain/operations/types.ts';

/** Pinned, so that an upgrade of the cluster never makes a running store inadmissible. */
const POD_SECURITY_VERSION = 'v1.32';

/** Labels of everything the platform itself creates for a store. */
export function labelsOf(store: StoreTarget): Record<string, string> {
  return {
    [LABELS.managedBy]: MANAGER,
    [LABELS.storeId]: store.storeId,
    [LABELS.tenantId]: labelValue(store.tenantId),
    [LABELS.engine]: store.engine,
  };
}

/** Whether an object carries this store's id: the only ground on which the platform adopts or deletes. */
export function belongsTo(store: StoreTarget, object: KubernetesObject): boolean {
  return object.metadata?.labels?.[LABELS.storeId] === store.storeId;
}

/**
 * The namespace itself, owner labels included, so that it is ours from its first instant on. With a `uid` it is that very
 * namespace or none: applying to one that has gone would make it anew.
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
        // Stores are reached through the platform's front door only.
        'services.loadbalancers': '0',
        'services.nodeports': '0',
      },
    },
  };
}

/** Containers that state nothing still have to count against the quota. */
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

/** Nothing in, nothing out but name look-ups; what a store needs beyond that is allowed by its chart's own policies. */
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
          // No peer is named: resolvers are pods, node-local daemons or host processes, depending on the cluster.
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

/** Tenant ids come from outside; label values allow less than they may hold. */
function labelValue(text: string): string {
  return text
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .slice(0, 63)
    .replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
}
