import type { Duplex } from 'node:stream';
import type { V1Pod, V1Service } from '@kubernetes/client-node';
import type { StoreTarget } from '../../domain/operations/inputs.ts';
import type { Kube } from '../adapters/kube.ts';

/** The charts of all engines have a Service of this name, to which the ingress routes. */
const SERVICE = 'storefront';

/**
 * Opens a connection to the storefront of a store through the Kubernetes API. Requests with a secret of the store use only such
 * connections: the public address can be plain HTTP, and its name can lead to a server of someone else.
 *
 * @throws Error without a ready pod behind the Service; StoreError CLUSTER_UNAVAILABLE
 */
export async function connectToStorefront(kube: Kube, { namespace }: StoreTarget): Promise<Duplex> {
  const service = await kube.call(`read the Service ${SERVICE} of ${namespace}`, () =>
    kube.core.readNamespacedService({ name: SERVICE, namespace }),
  );
  const selector = Object.entries(service.spec?.selector ?? {});
  const labelSelector = selector.map(([label, value]) => `${label}=${value}`).join(',');
  const { items } = await kube.call(`list the pods of ${namespace}`, () =>
    kube.core.listNamespacedPod({ namespace, labelSelector }),
  );
  const pod = items.find(isReady);
  const name = pod?.metadata?.name;
  const port = pod === undefined ? undefined : containerPort(service, pod);
  if (name === undefined || port === undefined) throw new Error(`Service/${SERVICE} has no ready pod`);
  return kube.forward({ namespace, pod: name, port });
}

function isReady({ metadata, status }: V1Pod): boolean {
  const ready = status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True');
  return ready === true && metadata?.deletionTimestamp === undefined;
}

/** Returns the port of the pod to which the first port of the Service leads. */
function containerPort({ spec }: V1Service, pod: V1Pod): number | undefined {
  const [port] = spec?.ports ?? [];
  const target = port?.targetPort ?? port?.port;
  if (typeof target === 'number') return target;
  const ports = pod.spec?.containers.flatMap((container) => container.ports ?? []) ?? [];
  return ports.find(({ name }) => name === target)?.containerPort;
}
