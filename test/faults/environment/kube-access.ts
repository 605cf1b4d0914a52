import { AppsV1Api, BatchV1Api, CoreV1Api, type KubeConfig, StorageV1Api } from '@kubernetes/client-node';

/** Clients that connect directly to the cluster, not through a proxy. */
export interface KubeAccess {
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
  readonly batch: BatchV1Api;
  readonly storage: StorageV1Api;
}

export function kubeAccess(config: KubeConfig): KubeAccess {
  return {
    core: config.makeApiClient(CoreV1Api),
    apps: config.makeApiClient(AppsV1Api),
    batch: config.makeApiClient(BatchV1Api),
    storage: config.makeApiClient(StorageV1Api),
  };
}
