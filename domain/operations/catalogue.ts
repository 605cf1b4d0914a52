import type { StoreStatus } from '../store/status.ts';

/** All differences between the kinds of operations. Every other folder derives its tables from this one. */
interface OperationSpec {
  /** Type of the workflow that runs the operation. Wire format: a rename is a migration. */
  readonly workflowType: string;
  /** The steps in their order. Wire format: events and the API show the names. */
  readonly steps: readonly string[];
  /** Status of the store while the operation runs. */
  readonly runningStatus: StoreStatus;
  /** Value of the search attribute `StoreStatus` when the run is started. */
  readonly statusAtStart: StoreStatus;
  /** Temporal priority key of the run: a lower key is served first. */
  readonly priorityKey: number;
  /** Temporal priority key of every later start, such as a retry. */
  readonly retryPriorityKey: number;
  /** Whether a failure or a cancel undoes the steps. A delete cannot be undone. */
  readonly isUndoable: boolean;
  /** Whether the operation needs one of the tenant's slots (`MAX_RUNNING_PER_TENANT`). */
  readonly needsTenantSlot: boolean;
}

/** The operations of a store. A new kind starts here: see `docs/adding-an-operation.md`. */
export const OPERATIONS = {
  provision: {
    workflowType: 'provisionStore',
    steps: ['prepare-namespace', 'ensure-secrets', 'install-release', 'await-ready', 'verify'],
    runningStatus: 'provisioning',
    statusAtStart: 'requested',
    priorityKey: 3, // after deletes, which free room
    retryPriorityKey: 2, // a retry continues work that was already paid for
    isUndoable: true,
    needsTenantSlot: true,
  },
  delete: {
    workflowType: 'deleteStore',
    // `undelete-window` is left out when the delete has none.
    steps: ['uninstall-release', 'undelete-window', 'delete-namespace', 'await-absence'],
    runningStatus: 'deleting',
    statusAtStart: 'deleting',
    priorityKey: 1,
    retryPriorityKey: 1,
    isUndoable: false,
    needsTenantSlot: false,
  },
} as const satisfies Readonly<Record<string, OperationSpec>>;

export type OperationKind = keyof typeof OPERATIONS;

/** Every kind, for check constraints and exhaustive tests. */
export const OPERATION_KINDS = Object.keys(OPERATIONS) as readonly OperationKind[];

export type StepOf<Kind extends OperationKind> = (typeof OPERATIONS)[Kind]['steps'][number];
export type Step = StepOf<OperationKind>;

export const PROVISION_STEPS = OPERATIONS.provision.steps;
export const DELETE_STEPS = OPERATIONS.delete.steps;

/** Every step, once, for check constraints. Kinds can share steps. */
export const STEPS: readonly Step[] = [
  ...new Set(OPERATION_KINDS.flatMap((kind): readonly Step[] => OPERATIONS[kind].steps)),
];

/** Returns the catalogue entry of a kind. */
export function operationSpec(kind: OperationKind): OperationSpec {
  return OPERATIONS[kind];
}

/**
 * Runs that the reconciler starts under a store's workflow id. They hold the store like an operation does, but they are
 * no operations: they have no row in `operations` and do not change the store's status.
 */
export const RECONCILE_RUNS = {
  /** Repairs the drift of a ready store. */
  repair: { workflowType: 'repairStore', statusAtStart: 'ready', priorityKey: 4 },
  /** Deletes the leftovers of a store in the cluster. The store may have no record. */
  cleanup: { workflowType: 'cleanUpLeftovers', statusAtStart: undefined, priorityKey: 4 },
  /** Creates the record of a store again, from its namespace. */
  adopt: { workflowType: 'adoptStore', statusAtStart: undefined, priorityKey: 4 },
} as const satisfies Readonly<
  Record<
    string,
    Pick<OperationSpec, 'workflowType' | 'priorityKey'> & { readonly statusAtStart: StoreStatus | undefined }
  >
>;

export type ReconcileKind = keyof typeof RECONCILE_RUNS;

/** Type of a workflow that runs under the workflow id of a store. */
export type WorkflowType =
  | (typeof OPERATIONS)[OperationKind]['workflowType']
  | (typeof RECONCILE_RUNS)[ReconcileKind]['workflowType'];

export function isReconcileKind(kind: string): kind is ReconcileKind {
  return Object.hasOwn(RECONCILE_RUNS, kind);
}

/** Statuses of an operation. */
export const OPERATION_STATUSES = [
  /** Recorded. No workflow run has taken it up. */
  'requested',
  'running',
  /** A run has taken it up and waits for a tenant slot. */
  'queued',
  /** A step failed and the run waits for an operator. */
  'held',
  'succeeded',
  'failed',
  'cancelled',
  /** Another operation replaced it before it ended. */
  'superseded',
] as const;
export type OperationStatus = (typeof OPERATION_STATUSES)[number];

/** Returns whether an operation holds one of its tenant's slots. An operation that is queued or held does not. */
export function holdsTenantSlot(operation: {
  readonly kind: OperationKind;
  readonly status: OperationStatus;
}): boolean {
  return operation.status === 'running' && operationSpec(operation.kind).needsTenantSlot;
}
