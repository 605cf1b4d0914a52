import { ApiException, KubeConfig } from '@kubernetes/client-node';

/** Creates an object; that it exists already is just as well. */
export async function createUnlessThere(create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (!(error instanceof ApiException && error.code === 409)) throw error;
  }
}

/** A client of the local cluster, from the kubeconfig that was written for it. */
export function localKubeConfig(kubeconfig: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return config;
}
