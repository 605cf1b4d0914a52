import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStack } from '../../temporal-dev/start-stack.ts';
import { createToolResolver } from '../../temporal-dev/tool-resolver.ts';
import { writeWorkflowBundle } from '../../worker/workflow-bundle.ts';
import type { Ground } from './lane.ts';

/** Runs `work` on a Postgres and a Temporal of its own, as durable as those of `npm start`. */
export async function onOwnGround<T>(
  report: (message: string) => void,
  work: (ground: Ground) => Promise<T>,
): Promise<T> {
  const stateDir = await mkdtemp(join(tmpdir(), 'store-platform-bench-'));
  const stack = await startStack({
    stateDir,
    ports: 'free',
    services: { postgres: true, temporal: true, kubernetes: false },
    resolver: createToolResolver({ env: process.env, report }),
    report,
  });
  try {
    const workflowBundle = join(stateDir, 'workflow-bundle.js');
    await writeWorkflowBundle(workflowBundle);
    const { DATABASE_URL: databaseUrl = '', TEMPORAL_ADDRESS: temporalAddress = '' } = stack.env;
    return await work({ databaseUrl, temporalAddress, workflowBundle });
  } finally {
    await stack.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
}
