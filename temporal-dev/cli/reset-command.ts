import { existsSync } from 'node:fs';
import { messageOf, StackError } from '../stack-error.ts';
import { isStateFolder, lockStateFolder, openStateFolder, removeStateFolder } from '../processes/state-folder.ts';
import { endLeftovers } from '../processes/supervisor.ts';

/**
 * Deletes the state folder of the local stack and what the stack left on the machine.
 *
 * @throws StackError when a stack uses the folder, or when the folder is not a state folder.
 */
export async function resetCommand(stateDir: string, print: (text: string) => void): Promise<void> {
  if (!existsSync(stateDir)) {
    print(`Nothing to delete: the state folder ${stateDir} does not exist.`);
    return;
  }
  if (!isStateFolder(stateDir)) {
    throw new StackError(
      `${stateDir} is not a state folder, so it was not deleted: set STORE_PLATFORM_STATE to a state folder.`,
    );
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
  print(`Deleted the state folder ${stateDir}.`);
}
