import { PROVISION_STEPS, type StoreStatus } from '../../domain/store-state.ts';
import type { CrashPoint } from './crash-point.ts';
import { STORE_NAMES } from './shared-cluster.ts';

/** A way in which a provision can go, and what the world must look like once it is over. */
export interface Scenario {
  /** A provision that goes on, one that fails at its last step, one that is cancelled while it waits. */
  readonly ends: Extract<StoreStatus, 'ready' | 'failed' | 'cancelled'>;
  /** Beginning of the store's name: what makes it go this way. */
  readonly name: string;
  /** The calls to the world that are this scenario's own, in their order. */
  readonly calls: readonly string[];
  readonly kinds: readonly string[];
  readonly changes: readonly string[];
  /** `type` or `type step` of every event. */
  readonly events: readonly string[];
}

const CALL_OF_STEP = {
  'prepare-namespace': 'ensureNamespace',
  'ensure-secrets': 'ensureSecrets',
  'install-release': 'ensureRelease',
  'await-ready': 'awaitReady',
  verify: 'verifyStore',
} as const satisfies Record<(typeof PROVISION_STEPS)[number], string>;

const MADE = ['made Namespace', 'made Secret', 'made Release'];
const REMOVED = ['removed Release', 'removed Namespace', 'removed Secret'];
const UNDO_CALLS = ['deleteRelease', 'deleteNamespace', 'awaitAbsence'];
const BEGUN = ['store.requested', 'operation.started'];
const UNDONE = ['undo.started', 'undo.completed', 'undo.completed'];

function stepEvents(steps: readonly string[]): readonly string[] {
  return steps.flatMap((step) => [`step.started ${step}`, `step.completed ${step}`]);
}

export const SCENARIOS: readonly Scenario[] = [
  {
    ends: 'ready',
    name: STORE_NAMES.goesWell,
    calls: ['begin', ...PROVISION_STEPS.flatMap((step) => [`recordProgress ${step}`, CALL_OF_STEP[step]]), 'end'],
    kinds: ['Namespace', 'Secret', 'Release'],
    changes: MADE,
    events: [...BEGUN, ...stepEvents(PROVISION_STEPS), 'store.ready'],
  },
  {
    ends: 'failed',
    name: STORE_NAMES.isRefused,
    calls: ['recordProgress failure', ...UNDO_CALLS, 'end'],
    kinds: [],
    changes: [...MADE, ...REMOVED],
    events: [
      ...BEGUN,
      ...stepEvents(PROVISION_STEPS.slice(0, -1)),
      'step.started verify',
      'step.failed verify',
      ...UNDONE,
      'store.failed verify',
    ],
  },
  {
    ends: 'cancelled',
    name: STORE_NAMES.isWaitedFor,
    calls: [...UNDO_CALLS, 'end'],
    kinds: [],
    changes: [...MADE, ...REMOVED],
    events: [
      ...BEGUN,
      ...stepEvents(PROVISION_STEPS.slice(0, 3)),
      'step.started await-ready',
      'cancel.requested',
      ...UNDONE,
      'store.cancelled await-ready',
    ],
  },
];

export interface CrashCase {
  readonly scenario: Scenario;
  readonly point: Pick<CrashPoint, 'call' | 'moment'>;
}

/** Every call of every scenario, each with a crash just before and one just after its effect. */
export const CRASH_CASES: readonly CrashCase[] = SCENARIOS.flatMap((scenario) =>
  scenario.calls.flatMap((call) =>
    (['before', 'after'] as const).map((moment) => ({ scenario, point: { call, moment } })),
  ),
);

/** The few that tell whether the sweep works at all: the release, and one of each undo. */
export const QUICK_CRASH_CASES: readonly CrashCase[] = CRASH_CASES.filter(
  ({ point, scenario }) =>
    (scenario.ends === 'ready' && point.call === 'ensureRelease') ||
    (scenario.ends === 'failed' && point.call === 'recordProgress failure' && point.moment === 'after') ||
    (scenario.ends === 'cancelled' && point.call === 'deleteRelease' && point.moment === 'after'),
);

/** A case in words, for tables and errors. */
export function describeCase({ scenario, point }: CrashCase): string {
  return `${scenario.ends}: ${point.moment} ${point.call}`;
}
