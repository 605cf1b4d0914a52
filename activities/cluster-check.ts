import { isIPv4 } from 'node:net';
import type { V1EndpointSlice } from '@kubernetes/client-node';
import { StoreError } from '../domain/failure.ts';
import type { Helm } from './adapters/helm-cli.ts';
import type { Kube } from './adapters/kube.ts';
import { egressExceptions, type ReleaseOptions, requiredKinds } from './release/values.ts';
import { kubeconfigFiles, type KubeconfigSource } from './adapters/kubeconfig-files.ts';

/** The port that the charts open with `networkPolicy.externalEgress`. */
const EGRESS_PORT = 443;

/**
 * Checks with one read each that the Kubernetes client and Helm reach the cluster and that the cluster accepts their
 * credentials.
 *
 * @throws Error that names the client, the context, its kubeconfig and the reason.
 */
export async function checkClusterAccess(
  source: KubeconfigSource,
  clients: { readonly kube: Kube; readonly helm: Helm },
): Promise<void> {
  const { kube, helm } = clients;
  const checks: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['the Kubernetes client', () => kube.call('list the namespaces', () => kube.core.listNamespace({ limit: 1 }))],
    ['Helm', () => helm.checkAccess()],
  ];
  for (const [client, check] of checks) {
    try {
      await check();
    } catch (error) {
      const files = kubeconfigFiles(source).join(', ');
      throw new Error(
        `${client} cannot use the cluster of KUBE_CONTEXT=${source.context} (KUBECONFIG: ${files}): ${reasonOf(error)}`,
        { cause: error },
      );
    }
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  // The public message of a StoreError names no local paths. The operator who starts the worker needs them.
  return error instanceof StoreError && cause instanceof Error ? `${error.message}: ${cause.message}` : error.message;
}

/** Returns one sentence for each setting that the cluster cannot fulfil, or that opens the API server to stores. */
export async function findSettingProblems(kube: Kube, options: ReleaseOptions): Promise<readonly string[]> {
  const kinds = requiredKinds(options);
  const served = await Promise.all(kinds.map((kind) => kube.servesKind(kind)));
  const missing = kinds.filter((_kind, index) => served[index] !== true);
  return [
    ...missing.map(
      ({ setting, kind, group, version }) =>
        `${setting} needs the kind ${kind} of ${group}/${version}: install its CustomResourceDefinition, or change the setting`,
    ),
    ...(await findReachableApiServers(kube, options)),
  ];
}

/** Returns one sentence for each engine whose stores may connect to the API server. */
async function findReachableApiServers(kube: Kube, { overlays = {} }: ReleaseOptions): Promise<readonly string[]> {
  const open = Object.entries(overlays).flatMap(([engine, overlay]) => {
    const exceptions = egressExceptions(overlay);
    return exceptions === undefined ? [] : [{ engine, exceptions }];
  });
  if (open.length === 0) return [];
  const addresses = await apiServerAddresses(kube);
  return open.flatMap(({ engine, exceptions }) =>
    addresses
      .filter((address) => !exceptions.check(address))
      .map(
        (address) =>
          `${engine}.networkPolicy.externalEgress in STORE_VALUES_FILE lets stores connect to the API server at ${address}: ` +
          `add ${address}/32 to ${engine}.networkPolicy.externalEgressExcept`,
      ),
  );
}

/** Returns the IPv4 addresses at which pods reach the API server on the port that the charts open. */
async function apiServerAddresses(kube: Kube): Promise<readonly string[]> {
  const metadata = { name: 'kubernetes', namespace: 'default' };
  const object = await kube.read({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata });
  const slice = object as V1EndpointSlice | undefined; // the API server returns the kind that was asked for
  if (slice?.ports?.some(({ port }) => port === EGRESS_PORT) !== true) return [];
  return slice.endpoints.flatMap(({ addresses }) => addresses).filter((address) => isIPv4(address));
}
