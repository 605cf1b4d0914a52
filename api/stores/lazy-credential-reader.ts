import type { CredentialReader } from '../../domain/ports/credential-reader.ts';
import { Problem } from '../problems/problem.ts';

/**
 * Returns a reader that opens the access to a cluster with its first call: most API processes never need it, and the Kubernetes
 * client takes most of a second to load. An access that could not be opened is opened again by the next call.
 *
 * @throws Problem CLUSTER_NOT_CONFIGURED
 */
export function lazyCredentialReader(open: () => Promise<CredentialReader>): CredentialReader {
  let opening: Promise<CredentialReader> | undefined;

  async function opened(): Promise<CredentialReader> {
    opening ??= open();
    try {
      return await opening;
    } catch (cause) {
      opening = undefined;
      const detail =
        'The API cannot open its access to the cluster. An operator must check KUBE_CONTEXT, CLUSTER_CONTEXTS and KUBECONFIG.';
      throw new Problem('CLUSTER_NOT_CONFIGURED', detail, { cause });
    }
  }

  return { read: async (store) => (await opened()).read(store) };
}
