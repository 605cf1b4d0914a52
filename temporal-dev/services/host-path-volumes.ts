import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writePrivateFile } from '../files.ts';

/** Where the controller-manager's provisioner makes its folders; it can't be told another place. */
const OURS = /^\/tmp\/hostpath_pv\/[0-9a-f-]{36}$/;

/**
 * Remembers the folders of a cluster's volumes, which lie outside of the state folder, so that they can be removed when the
 * cluster no longer exists.
 */
export function rememberHostPaths(stateDir: string, paths: readonly string[]): void {
  writePrivateFile(listFile(stateDir), JSON.stringify(paths));
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
