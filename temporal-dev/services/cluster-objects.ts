import { ApiException, KubeConfig } from '@kubernetes/client-node';

/** Creates an object. Succeeds when the object already exists (HTTP 409). */
export async function createIfAbsent(create: () => Promise<unknown>): Promise<void> {
  await create().catch(ignoreStatus(409));
}

/** Deletes an object. Succeeds when the object does not exist (HTTP 404). */
export async function deleteIfPresent(remove: () => Promise<unknown>): Promise<void> {
  await remove().catch(ignoreStatus(404));
}

function ignoreStatus(code: number): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof ApiException && error.code === code)) throw error;
  };
}

/** Loads the kubeconfig file of the local cluster. */
export function localKubeConfig(kubeconfig: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return config;
}
