import { existsSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  holderOf,
  isStateFolder,
  openStateFolder,
  removeStateFolder,
  type StateFolder,
} from '../../temporal-dev/processes/state-folder.ts';
import { endLeftovers } from '../../temporal-dev/processes/supervisor.ts';

const STARTING_MS = 60_000;

/**
 * Stops the processes and deletes the state folders of stacks whose owner was killed.
 *
 * @param prefix Prefix of the folder names below the system's temporary folder.
 */
export async function removeAbandonedStacks(prefix: string): Promise<void> {
  for (const entry of readdirSync(tmpdir())) {
    const path = join(tmpdir(), entry);
    if (!entry.startsWith(prefix) || !isStateFolder(path)) continue;
    const abandoned = openStateFolder(path);
    if (holderOf(abandoned) !== undefined || isStarting(abandoned)) continue;
    await endLeftovers(abandoned);
    await removeStateFolder(abandoned);
  }
}

/** The owner of a new folder locks it in a moment. Another run of the tests may just have created it. */
function isStarting({ path, lock }: StateFolder): boolean {
  return !existsSync(lock) && Date.now() - statSync(path).birthtimeMs < STARTING_MS;
}
