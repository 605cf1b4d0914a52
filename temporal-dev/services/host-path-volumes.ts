import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writePrivateFile } from '../files.ts';

/**
 * A volume folder of the host-path provisioner of kube-controller-manager. The provisioner has no setting for the path.
 */
const HOST_PATH_PATTERN = /^\/tmp\/hostpath_pv\/[0-9a-f-]{36}$/;

/**
 * Records the folders of the cluster's volumes in the state folder. They are outside the state folder, and
 * `removeHostPaths` deletes them when the cluster no longer exists.
 */
export function recordHostPaths(stateDir: string, paths: readonly string[]): void {
  writePrivateFile(listFile(stateDir), JSON.stringify(paths));
}

/** Deletes the folders that `recordHostPaths` recorded last. */
export function removeHostPaths(stateDir: string): void {
  let paths: readonly string[];
  try {
    paths = z.array(z.string()).parse(JSON.parse(readFileSync(listFile(stateDir), 'utf8')));
  } catch {
    return; // no record: the cluster never stopped cleanly
  }
  for (const path of paths.filter((each) => HOST_PATH_PATTERN.test(each)))
    rmSync(path, { recursive: true, force: true });
}

function listFile(stateDir: string): string {
  return join(stateDir, 'kubernetes', 'host-paths.json');
}
