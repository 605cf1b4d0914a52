import type { StoreTarget } from './operations/inputs.ts';

/** Decisions of an operator about an unaccounted namespace. */
export const UNACCOUNTED_DECISIONS = ['adopt', 'keep', 'remove'] as const;
export type UnaccountedDecision = (typeof UNACCOUNTED_DECISIONS)[number];

/** The signs of data in a namespace. */
export interface DataEvidence {
  /** RFC 3339. When the store became ready, from the mark on its namespace. Null: it has no mark. */
  readonly readySince: string | null;
  /** Names of volume claims that are bound. */
  readonly boundClaims: readonly string[];
  /** Names of pods that are ready. */
  readonly readyPods: readonly string[];
}

/** A namespace of this installation that holds data and whose store has no record. */
export interface UnaccountedNamespace {
  readonly namespace: string;
  readonly uid: string;
  /** The store, as far as its namespace describes it. */
  readonly target: StoreTarget;
  readonly evidence: DataEvidence;
}

export interface SeenUnaccounted extends UnaccountedNamespace {
  readonly firstSeen: Date;
  readonly lastSeen: Date;
  /** Null: no operator has decided yet. */
  readonly decision: UnaccountedDecision | null;
  readonly decidedAt: Date | null;
  /** Why the decision could not be carried out. */
  readonly problem: string | null;
  /** When the store got a record again. */
  readonly adoptedAt: Date | null;
}

/** Returns whether a namespace may hold data. Without a record, the platform never removes such a namespace by itself. */
export function mayHoldData({ readySince, boundClaims, readyPods }: DataEvidence): boolean {
  return readySince !== null || boundClaims.length > 0 || readyPods.length > 0;
}
