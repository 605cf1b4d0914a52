import { engineSpec } from '../../domain/engines/index.ts';
import type { CredentialReader } from '../../domain/ports/credential-reader.ts';
import { openKube } from '../adapters/kube.ts';
import type { KubeconfigSource } from '../adapters/kubeconfig-files.ts';
import { readSecretEntries } from './secrets.ts';

/** Time limit of the read. A person waits for the response. */
const CALL_TIMEOUT_MS = 5_000;

/**
 * Opens the access of the API to the cluster. It can do one thing: read the Secret of one store, by its name and in the namespace of
 * the store. A Secret whose labels name another store or another installation is not returned.
 *
 * @throws Error when the kubeconfig has no such context
 */
export function openCredentialReader(
  source: KubeconfigSource,
  { installation }: { readonly installation: string },
): CredentialReader {
  const kube = openKube({ ...source, callTimeoutMs: CALL_TIMEOUT_MS });
  return {
    async read(store) {
      const { userKey, passwordKey } = engineSpec(store.engine).adminCredentials;
      const entries = await readSecretEntries(kube, { ...store, installation });
      const [login, password] = [entries[userKey], entries[passwordKey]];
      return login === undefined || password === undefined ? undefined : { login, password };
    },
  };
}
