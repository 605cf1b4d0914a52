/**
 * Kinds of the conditions of a store. `operation`: the condition ends with the operation during which it was set.
 * `store`: it also ends when the next operation begins, but not when the current one ends.
 */
export const CONDITION_SCOPES = {
  /** The release is not ready yet because of a problem that can pass, such as a node that does not exist yet. */
  ReadinessDelayed: 'operation',
  /** The workflow run of the operation has made no progress for longer than its steps can take. */
  Stalled: 'operation',
  /** The platform no longer repairs the store, because the same objects change again after every repair. */
  RepairsSuspended: 'store',
  /** Data that the store had before is not in the cluster. */
  DataMissing: 'store',
} as const satisfies Record<string, 'operation' | 'store'>;

export type ConditionType = keyof typeof CONDITION_SCOPES;

/** All types, for the API contract and exhaustive tests. */
export const CONDITION_TYPES = Object.keys(CONDITION_SCOPES) as readonly ConditionType[];

/** `True`: the condition holds. `False`: it held before. A condition that never held is not in the list. */
export const CONDITION_STATUSES = ['True', 'False'] as const;
type ConditionStatus = (typeof CONDITION_STATUSES)[number];

/** A condition as a writer reports it. */
export interface ConditionReport {
  readonly type: ConditionType;
  readonly status: ConditionStatus;
  /** One word in CamelCase for programs, such as `Unschedulable`. */
  readonly reason: string;
  /** For people: what is wrong, with which object, and what to do. It holds no secrets. */
  readonly message: string;
}

/** A condition of a store, with the same meaning of its fields as in the status of a Kubernetes object. */
export interface StoreCondition extends ConditionReport {
  /** When `status` changed last, in ISO 8601. A new reason or message does not change it. */
  readonly lastTransitionTime: string;
}

/**
 * Adds a report to the conditions of a store.
 *
 * @param now ISO 8601.
 * @returns The conditions after the report; the same list if the report changes nothing. `isEvent`: status or reason
 *   have changed, not only the message.
 */
export function withCondition(
  conditions: readonly StoreCondition[],
  report: ConditionReport,
  now: string,
): { readonly conditions: readonly StoreCondition[]; readonly isEvent: boolean } {
  const known = conditions.find(({ type }) => type === report.type);
  if (known === undefined && report.status === 'False') return { conditions, isEvent: false };
  const isTransition = known?.status !== report.status;
  const isEvent = isTransition || known.reason !== report.reason;
  if (!isEvent && known.message === report.message) return { conditions, isEvent: false };
  const { type, status, reason, message } = report;
  const lastTransitionTime = isTransition ? now : known.lastTransitionTime;
  const others = conditions.filter((condition) => condition.type !== type);
  return { conditions: [...others, { type, status, reason, message, lastTransitionTime }], isEvent };
}

/** Returns whether a condition holds. */
export function hasCondition(conditions: readonly StoreCondition[], type: ConditionType): boolean {
  return conditions.some((condition) => condition.type === type && condition.status === 'True');
}

/** Returns the reports that clear the conditions which hold, of the given types. */
export function clearedConditions(
  conditions: readonly StoreCondition[],
  types: readonly ConditionType[],
  { reason, message }: Pick<ConditionReport, 'reason' | 'message'>,
): readonly ConditionReport[] {
  return types
    .filter((type) => hasCondition(conditions, type))
    .map((type) => ({ type, status: 'False', reason, message }));
}

/** Returns the types that end with an operation. */
export function operationConditions(): readonly ConditionType[] {
  return CONDITION_TYPES.filter((type) => CONDITION_SCOPES[type] === 'operation');
}
