import { existsSync } from 'node:fs';
import { messageOf, StackError } from '../stack-error.ts';
import { isStateFolder, lockStateFolder, openStateFolder, removeStateFolder } from '../processes/state-folder.ts';
import { endLeftovers } from '../processes/supervisor.ts';

/**
 * Throws the state of the local stack away.
 *
 * @throws StackError when a stack runs on it, or the folder is not ours.
 */
export async function resetCommand(stateDir: string, print: (text: string) => void): Promise<void> {
  if (!existsSync(stateDir)) {
    print(`There is no state in ${stateDir}.`);
    return;
  }
  if (!isStateFolder(stateDir)) {
    throw new StackError(`${stateDir} is not a state folder of ours and is left alone: correct STORE_PLATFORM_STATE.`);
  }
  const folder = openStateFolder(stateDir);
  const unlock = lockStateFolder(folder);
  try {
    await endLeftovers(folder);
    await removeStateFolder(folder);
  } catch (error) {
    unlock();
    throw error instanceof StackError ? error : new StackError(messageOf(error), { cause: error });
  }
  print(`Threw away ${stateDir}.`);
}
