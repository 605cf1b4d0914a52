import type { NodeKind } from '../store/store.ts';
import type { StoreTarget } from '../operations/inputs.ts';
import type { SeenUnaccounted, UnaccountedDecision, UnaccountedNamespace } from '../unaccounted.ts';

/** Everything that is needed to create the record of a store again. */
export interface AdoptedStore {
  readonly target: StoreTarget;
  readonly chartVersion: string;
  readonly storefrontUrl: string;
  readonly adminUrl: string;
  readonly nodes: NodeKind;
  readonly createdAt: Date;
  /** When the store became ready. Null: its namespace does not say that it ever did. */
  readonly readyAt: Date | null;
  /** Run that adopts the store. */
  readonly run: { readonly workflowId: string; readonly runId: string; readonly correlationId: string };
}

export type DecisionResult =
  | { readonly kind: 'decided'; readonly entry: SeenUnaccounted }
  | { readonly kind: 'notFound' }
  /** The store of the namespace has a record. */
  | { readonly kind: 'recorded'; readonly storeId: string };

/**
 * The list of unaccounted namespaces. Every function throws StoreError DATABASE_UNAVAILABLE when Postgres does not
 * answer.
 */
export interface UnaccountedRecords {
  /**
   * Records that the namespaces exist now. A decision stays, unless the namespace was created again.
   *
   * @returns the entries of these namespaces.
   */
  noteSeen(input: {
    readonly namespaces: readonly UnaccountedNamespace[];
    /** Start of the pass, by the clock of the Temporal server. */
    readonly passBegan: Date;
    readonly now: Date;
  }): Promise<readonly SeenUnaccounted[]>;
  /** Forgets namespaces of a cluster that were last seen before `before`, the start of a pass, unless they were adopted. */
  forgetUnseen(input: { readonly cluster: string; readonly before: Date }): Promise<void>;
  /** Counts the namespaces that no operator has decided about. */
  countUndecided(): Promise<number>;
  find(namespace: string): Promise<SeenUnaccounted | undefined>;
  /** Lists namespaces that are not adopted, oldest first. */
  list(query: { readonly limit: number; readonly offset: number }): Promise<{
    readonly entries: readonly SeenUnaccounted[];
    readonly total: number;
  }>;
  /** Records a decision. A decision to adopt a namespace that was adopted before changes nothing. */
  decide(input: {
    readonly namespace: string;
    readonly decision: UnaccountedDecision;
    readonly now: Date;
  }): Promise<DecisionResult>;
  /** Records why a decision could not be carried out. */
  noteProblem(input: { readonly namespace: string; readonly problem: string }): Promise<void>;
  /**
   * Creates the record of a store again and counts it in the quota of its tenant, even if the quota is full.
   *
   * @returns `recorded`: the store, or another store of the namespace, has a record already. Nothing has changed.
   */
  adopt(store: AdoptedStore, now: Date): Promise<'adopted' | 'recorded'>;
}
