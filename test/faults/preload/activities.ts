import { Worker, type WorkerOptions } from '@temporalio/worker';
import { noteTriggered, takeFaultPoint, type FaultPoint } from '../environment/fault-points.ts';
import type { ActivityInput } from '../../../domain/operations/inputs.ts';

/*
 * Loaded before the code of the worker. Wraps every activity that the worker registers: the wrapper triggers fault points, and
 * runs the activity twice when FAULT_RUN_ACTIVITIES_TWICE is set. FAULT_NODES replaces the kind of the nodes, so that the platform
 * verifies stores although the nodes are simulated. The product contains no code for fault runs.
 */

type Activity = (input: ActivityInput) => Promise<unknown>;

const folder = process.env['FAULT_POINTS_DIR'] ?? '';
const runsTwice = process.env['FAULT_RUN_ACTIVITIES_TWICE'] === '1';

const nodes = process.env['FAULT_NODES'];

function trigger(faultPoint: FaultPoint & { readonly id: string }, storeId: string): void {
  noteTriggered(folder, faultPoint.id, { pid: process.pid, atMs: Date.now(), storeId });
  process.kill(process.pid, faultPoint.signal);
}

function withFaultPoints(name: string, activity: Activity): Activity {
  return async (input) => {
    const faultPoint = takeFaultPoint(folder, name, input);
    const storeId = input.store?.storeId ?? '';
    if (faultPoint?.moment === 'before') trigger(faultPoint, storeId);
    if (faultPoint?.moment === 'during') setTimeout(() => trigger(faultPoint, storeId), faultPoint.afterMs ?? 0);
    // Temporal does the same when the response of a worker is lost: it runs the activity again after the first run took effect.
    if (runsTwice) await activity(input);
    const found = await activity(input);
    const result = name === 'ensureNamespace' && nodes !== undefined ? Object.assign({}, found, { nodes }) : found;
    if (faultPoint?.moment === 'after') trigger(faultPoint, storeId);
    return result;
  };
}

const create = Worker.create.bind(Worker);
Worker.create = (options: WorkerOptions) => {
  const activities = Object.entries((options.activities ?? {}) as Record<string, Activity>); // all activities of the platform have this type
  return create({
    ...options,
    activities: Object.fromEntries(activities.map(([name, act]) => [name, withFaultPoints(name, act)])),
  });
};
