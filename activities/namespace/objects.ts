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

/** Limits on objects that cost the cluster something even without a pod. Each is at least twice what a chart creates. */
const OBJECT_LIMITS = {
  'count/deployments.apps': '10',
  'count/statefulsets.apps': '6',
  'count/replicasets.apps': '40', // four for each Deployment: three old revisions and the current one
  'count/jobs.batch': '20', // the setup Job of two revisions, and the Jobs that a CronJob keeps
  'count/cronjobs.batch': '5',
  'count/services': '15',
  'count/secrets': '30', // six revisions of the release, the store's own, and those of cert-manager
  'count/configmaps': '20',
  'count/ingresses.networking.k8s.io': '5',
} as const;

/** CPU and memory of the containers that a webhook of the cluster adds to each pod. */
export interface ExtraPerPod {
  readonly cpuMillis: number;
  readonly memoryMebibytes: number;
}

const NO_EXTRA: ExtraPerPod = { cpuMillis: 0, memoryMebibytes: 0 };

/** Returns the quota of a store's namespace: that of its engine, and `extra` for every pod that it allows. */
export function quotaObject(store: OwnedStore, extra = NO_EXTRA): V1ResourceQuota {
  const { quota } = engineSpec(store.engine);
  const cpu = extra.cpuMillis * quota.pods;
  const memory = extra.memoryMebibytes * quota.pods;
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: metadataOf(store, 'store-quota'),
    spec: {
      hard: {
        'requests.cpu': cpuSum(quota.cpuRequests, cpu),
        'requests.memory': memorySum(quota.memoryRequests, memory),
        'limits.cpu': cpuSum(quota.cpuLimits, cpu),
        'limits.memory': memorySum(quota.memoryLimits, memory),
        pods: String(quota.pods),
        persistentvolumeclaims: String(quota.volumeClaims),
        'requests.storage': quota.storage,
        'requests.ephemeral-storage': quota.ephemeralStorage,
        'limits.ephemeral-storage': quota.ephemeralStorage,
        ...OBJECT_LIMITS,
        // The ingress is the only way to a store.
        'services.loadbalancers': '0',
        'services.nodeports': '0',
      },
    },
  };
}

/** Adds CPU to a number of CPUs. Returns the form in which the cluster stores it, so that both can be compared. */
function cpuSum(cpus: string, extraMillis: number): string {
  const millis = Number(cpus) * 1_000 + extraMillis;
  return millis % 1_000 === 0 ? String(millis / 1_000) : `${millis}m`;
}

/** Adds memory to a number of gibibytes. Returns the form in which the cluster stores it. */
function memorySum(gibibytes: string, extraMebibytes: number): string {
  const mebibytes = Number.parseInt(gibibytes, 10) * 1_024 + extraMebibytes;
  return mebibytes % 1_024 === 0 ? `${mebibytes / 1_024}Gi` : `${mebibytes}Mi`;
}

/**
 * Disk that a container may use before its pod is evicted. It covers the largest emptyDir volumes of a pod with one container,
 * 528 MiB, and its rotated logs, 50 MiB. Root file systems are read-only.
 */
export const CONTAINER_DISK = '1Gi';

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
          _default: { cpu: '500m', memory: '256Mi', 'ephemeral-storage': CONTAINER_DISK },
          // No request for disk: a node that does not report its disk accepts no pod with such a request.
          defaultRequest: { cpu: '50m', memory: '64Mi', 'ephemeral-storage': '0' },
        },
      ],
    },
  };
}

/** Pods of the cluster's DNS. CoreDNS, kube-dns and the DNS of most managed clusters have these labels. */
const DNS_PODS = {
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
  podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
};

/**
 * Denies all traffic but lookups at the DNS of the cluster. The policies of the chart allow the rest that a store needs.
 *
 * @param dnsNetworks Networks in CIDR notation with resolvers that are no pods of `kube-system`.
 */
export function networkPolicyObject(store: OwnedStore, dnsNetworks: readonly string[]): V1NetworkPolicy {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadataOf(store, 'default-deny'),
    spec: {
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
      egress: [
        {
          // Lookups at any other address could carry data out of the store.
          to: [DNS_PODS, ...dnsNetworks.map((cidr) => ({ ipBlock: { cidr } }))],
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
