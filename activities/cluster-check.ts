import { StoreError } from '../domain/failure.ts';
import type { Helm } from './adapters/helm-cli.ts';
import type { Kube } from './adapters/kube.ts';
import { kubeconfigFiles, type KubeconfigSource } from './adapters/kubeconfig-files.ts';

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

/** Returns the kinds that the API server does not serve. */
export async function findMissingKinds<K extends Parameters<Kube['servesKind']>[0]>(
  kube: Kube,
  kinds: readonly K[],
): Promise<readonly K[]> {
  const served = await Promise.all(kinds.map((kind) => kube.servesKind(kind)));
  return kinds.filter((_kind, index) => served[index] !== true);
}
