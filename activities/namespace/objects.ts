import type { V1LimitRange, V1Namespace, V1NetworkPolicy, V1ResourceQuota } from '@kubernetes/client-node';
import { engineSpec } from '../../domain/engines/index.ts';
import { ANNOTATIONS } from '../../domain/names.ts';
import { labelsOf, type OwnedStore } from './ownership.ts';
import { factsAnnotation } from './store-facts.ts';

/** Pinned, so that admission accepts a running store after an upgrade of the cluster. */
const POD_SECURITY_VERSION = 'v1.32';

/**
 * Returns the namespace object with all ownership labels. With a `uid`, an apply changes that namespace only and fails
 * when it is gone; without one, it would create the namespace again.
 */
export function namespaceObject(
  store: OwnedStore,
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
      labels: { ...labelsOf(store), ...Object.fromEntries(podSecurity) },
      annotations: { [ANNOTATIONS.storeName]: store.name, ...factsAnnotation(store), ...own.annotations },
      ...(own.uid === undefined ? {} : { uid: own.uid }),
    },
  };
}

export function quotaObject(store: OwnedStore): V1ResourceQuota {
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
export function limitRangeObject(store: OwnedStore): V1LimitRange {
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
export function networkPolicyObject(store: OwnedStore): V1NetworkPolicy {
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

function metadataOf(store: OwnedStore, name: string) {
  return { name, namespace: store.namespace, labels: labelsOf(store) };
}
