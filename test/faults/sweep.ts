import type { FaultKind } from './fault-kind.ts';
import type { Lab } from './lab/lab.ts';
import type { RunReport } from './run-fault.ts';
export const SWEEP: Pick<FaultKind, 'kind' | 'title'> = { kind: 'sweep', title: 'x' };
export const SWEEP_WORKERS = 4;
export async function runSweep(_lab: Lab, _options: unknown): Promise<RunReport> {
  throw new Error('todo');
}
