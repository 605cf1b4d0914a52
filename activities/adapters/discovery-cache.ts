import { existsSync } from 'node:fs';
import { access, constants, lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { kubeconfigFiles, type KubeconfigSource } from './kubeconfig-files.ts';

/**
 * Returns the variable that makes Helm cache the API discovery, which takes some thirty requests: half of the time of a
 * Helm process. As for kubectl, the cache is beside the kubeconfig; without a kubeconfig, it is in the folder for
 * temporary files. If the folder is not writable or belongs to another user, nothing is cached.
 */
export async function discoveryCache(source: KubeconfigSource): Promise<Record<string, string>> {
  const file = kubeconfigFiles(source).find((candidate) => existsSync(candidate));
  const uid = process.getuid?.(); // not `userInfo`, which fails for a uid without an entry in /etc/passwd
  const folder = file === undefined ? join(tmpdir(), `store-discovery-cache-${uid}`) : join(dirname(file), 'cache');
  try {
    await mkdir(folder, { mode: 0o700 }).catch(ignoreExisting);
    await access(folder, constants.W_OK);
    const { uid: owner, mode } = await lstat(folder);
    // Other users can create a folder in the shared folder for temporary files.
    if (file === undefined && (owner !== uid || (mode & 0o077) !== 0)) return {};
    return { KUBECACHEDIR: folder };
  } catch {
    return {};
  }
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
}
