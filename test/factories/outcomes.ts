import { NOW } from './store-records.ts';
import type { Step } from '../../domain/operations/catalogue.ts';
import type { OperationOutcome, StepRecord } from '../../domain/operations/outcomes.ts';

export const NOTHING_UNDONE = { undone: [], leftBehind: [] };
const UNDONE = { undone: ['release'], leftBehind: ['namespace'] };
export const CRASH_LOOP = {
  code: 'CRASH_LOOP',
  message: 'web keeps crashing',
  step: 'await-ready',
  evidence: { object: 'Pod/web' },
} as const;

/** One outcome of each kind. */
export const OUTCOMES = {
  ready: {
    kind: 'ready',
    verification: { outcome: 'skipped', reason: 'simulated nodes', at: NOW.toISOString() },
    completed: completed('verify'),
  },
  failed: { kind: 'failed', failure: CRASH_LOOP, undo: UNDONE },
  cancelled: { kind: 'cancelled', step: 'await-ready', undo: UNDONE },
  deleted: {
    kind: 'deleted',
    receipt: { checked: ['Namespace'], removed: ['Namespace/store-acme'] },
    completed: completed('await-absence'),
  },
} as const satisfies {
  readonly [Kind in OperationOutcome['kind']]: Extract<OperationOutcome, { readonly kind: Kind }>;
};

export function completed(step: Step): StepRecord {
  return { step, durationMs: 12, data: { pods: 3 } };
}
