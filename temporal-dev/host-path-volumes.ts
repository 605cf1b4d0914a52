import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CoreV1Api, type KubeConfig } from '@kubernetes/client-node';
import { z } from 'zod';
import { writePrivateFile } from './service.ts';

/** Where the controller-manager's provisioner makes its folders; it can't be told another place. */
const OURS = /^\/tmp\/hostpath_pv\/[0-9a-f-]{36}$/;

/**
 * Remembers the folders of the cluster's volumes, which lie outside of the state folder, so that they can be removed when
 * the cluster no longer exists. A cluster that does not answer any more keeps what was remembered before.
 */
export async function rememberHostPaths(stateDir: string, cluster: KubeConfig): Promise<void> {
  try {
    const volumes = await cluster.makeApiClient(CoreV1Api).listPersistentVolume();
    const paths = volumes.items.map((volume) => volume.spec?.hostPath?.path).filter((path) => path !== undefined);
    writePrivateFile(listFile(stateDir), JSON.stringify(paths));
  } catch {
    // Empty folders below /tmp are not worth a failed stop.
  }
}

/** Removes the folders that were remembered last. */
export function removeHostPaths(stateDir: string): void {
  let paths: readonly string[];
  try {
    paths = z.array(z.string()).parse(JSON.parse(readFileSync(listFile(stateDir), 'utf8')));
  } catch {
    return; // none remembered: the cluster never stopped in good order
  }
  for (const path of paths.filter((each) => OURS.test(each))) rmSync(path, { recursive: true, force: true });
}

function listFile(stateDir: string): string {
  return join(stateDir, 'kubernetes', 'host-paths.json');
}
