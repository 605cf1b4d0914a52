import { Worker, type WorkerOptions } from '@temporalio/worker';
import type { ActivityInput } from '../../../domain/operations/types.ts';
import { noteTriggered, takeFaultPoint, type FaultPoint } from '../environment/fault-points.ts';

/*
 * Loaded before a worker's own code: every activity that the worker registers steps into the environment's faultPoints, and runs twice
 * when the environment says so. The product knows nothing of it.
 */

type Activity = (input: ActivityInput) => Promise<unknown>;

const folder = process.env['FAULTS_TRAPS'] ?? '';
const isTwice = process.env['FAULTS_TWICE'] === '1';

function spring(faultPoint: FaultPoint & { readonly id: string }, storeId: string): void {
  noteTriggered(folder, faultPoint.id, { pid: process.pid, atMs: Date.now(), storeId });
  process.kill(process.pid, faultPoint.signal);
}

function trapped(name: string, activity: Activity): Activity {
  return async (input) => {
    const faultPoint = takeFaultPoint(folder, name, input);
    const storeId = input.store?.storeId ?? '';
    if (faultPoint?.moment === 'before') spring(faultPoint, storeId);
    if (faultPoint?.moment === 'during') setTimeout(() => spring(faultPoint, storeId), faultPoint.afterMs ?? 0);
    // As an answer that was lost makes Temporal do it: the same call once more, with the world as the first one left it.
    if (isTwice) await activity(input);
    const result = await activity(input);
    if (faultPoint?.moment === 'after') spring(faultPoint, storeId);
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
