import type { z } from 'zod';
import { optionalText } from './schemas.ts';

/** Settings of Temporal's worker versioning. */
export const workerVersionSettings = {
  WORKER_DEPLOYMENT: optionalText().describe(
    'Name of the worker deployment. It enables worker versioning. Installations that share a Temporal namespace need different names',
  ),
  WORKER_BUILD_ID: optionalText().describe('Version of this worker. Set it together with WORKER_DEPLOYMENT'),
  TEMPORAL_DEPLOYMENT_NAME: optionalText().describe(
    'The same as WORKER_DEPLOYMENT. The Temporal Worker Controller sets it',
  ),
  TEMPORAL_WORKER_BUILD_ID: optionalText().describe(
    'The same as WORKER_BUILD_ID. The Temporal Worker Controller sets it',
  ),
};

interface WorkerVersionSettings {
  readonly WORKER_DEPLOYMENT?: string | undefined;
  readonly WORKER_BUILD_ID?: string | undefined;
  readonly TEMPORAL_DEPLOYMENT_NAME?: string | undefined;
  readonly TEMPORAL_WORKER_BUILD_ID?: string | undefined;
}

/** Reports a version of the worker that is incomplete, or that has two values. */
export function checkWorkerVersion({ value: env, issues }: z.core.ParsePayload<WorkerVersionSettings>): void {
  const report = (name: keyof WorkerVersionSettings, message: string): void =>
    void issues.push({ code: 'custom', path: [name], message, input: env });
  for (const [name, other] of [
    ['WORKER_DEPLOYMENT', 'TEMPORAL_DEPLOYMENT_NAME'],
    ['WORKER_BUILD_ID', 'TEMPORAL_WORKER_BUILD_ID'],
  ] as const) {
    const isDifferent = env[name] !== undefined && env[other] !== undefined && env[name] !== env[other];
    if (isDifferent) report(name, `must equal ${other}: remove one of them`);
  }
  const { name, buildId } = workerVersionFrom(env);
  if ((name === undefined) !== (buildId === undefined))
    report('WORKER_BUILD_ID', 'must be set together with WORKER_DEPLOYMENT: set both or neither');
}

function workerVersionFrom(env: WorkerVersionSettings) {
  return {
    name: env.WORKER_DEPLOYMENT ?? env.TEMPORAL_DEPLOYMENT_NAME,
    buildId: env.WORKER_BUILD_ID ?? env.TEMPORAL_WORKER_BUILD_ID,
  };
}

/** Returns the version of the worker, or undefined if it has none. */
export function deploymentFrom(
  env: WorkerVersionSettings,
): { readonly name: string; readonly buildId: string } | undefined {
  const { name, buildId } = workerVersionFrom(env);
  return name === undefined || buildId === undefined ? undefined : { name, buildId };
}
