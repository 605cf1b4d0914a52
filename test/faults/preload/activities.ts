import { Worker, type WorkerOptions } from '@temporalio/worker';
import type { ActivityInput } from '../../../domain/operations/types.ts';
import { noteSprung, takeTrap, type Trap } from '../environment/traps.ts';

/*
 * Loaded before a worker's own code: every activity that the worker registers steps into the lab's traps, and runs twice
 * when the lab says so. The product knows nothing of it.
 */

type Activity = (input: ActivityInput) => Promise<unknown>;

const folder = process.env['FAULTS_TRAPS'] ?? '';
const isTwice = process.env['FAULTS_TWICE'] === '1';

function spring(trap: Trap & { readonly id: string }, storeId: string): void {
  noteSprung(folder, trap.id, { pid: process.pid, atMs: Date.now(), storeId });
  process.kill(process.pid, trap.signal);
}

function trapped(name: string, activity: Activity): Activity {
  return async (input) => {
    const trap = takeTrap(folder, name, input);
    const storeId = input.store?.storeId ?? '';
    if (trap?.moment === 'before') spring(trap, storeId);
    if (trap?.moment === 'during') setTimeout(() => spring(trap, storeId), trap.afterMs ?? 0);
    // As an answer that was lost makes Temporal do it: the same call once more, with the world as the first one left it.
    if (isTwice) await activity(input);
    const result = await activity(input);
    if (trap?.moment === 'after') spring(trap, storeId);
    return result;
  };
}

const create = Worker.create.bind(Worker);
Worker.create = (options: WorkerOptions) => {
  const activities = Object.entries((options.activities ?? {}) as Record<string, Activity>); // ours are all of this shape
  return create({
    ...options,
    activities: Object.fromEntries(activities.map(([name, act]) => [name, trapped(name, act)])),
  });
};
