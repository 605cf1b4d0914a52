import { ApiException, KubeConfig } from '@kubernetes/client-node';

/** Creates an object; that it exists already is just as well. */
export async function createUnlessThere(create: () => Promise<unknown>): Promise<void> {
  await create().catch(unlessCode(409));
}

/** Deletes an object; that it is gone already is just as well. */
export async function deleteUnlessGone(remove: () => Promise<unknown>): Promise<void> {
  await remove().catch(unlessCode(404));
}

function unlessCode(code: number): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof ApiException && error.code === code)) throw error;
  };
}

/** A client of the local cluster, from the kubeconfig that was written for it. */
export function localKubeConfig(kubeconfig: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return config;
}
