/** The facts that readiness depends on, extracted from the objects of a namespace. */

interface CheckoutRelevance {
  /** False: customers can order before it is ready. */
  readonly requiredForCheckout: boolean;
}

/** An object whose controller creates pods. */
interface PodOwner {
  readonly name: string;
  readonly uid: string;
  /** Milliseconds since the epoch at which its specification changed last, by the clock of the cluster. */
  readonly specChangedMs: number;
  /** Fewer pods exist than it asks for. */
  readonly missesPods: boolean;
}

/** A Deployment or StatefulSet. */
export interface WorkloadFact extends CheckoutRelevance, PodOwner {
  readonly kind: 'Deployment' | 'StatefulSet';
  /** Its controller has observed the newest generation, and all replicas are updated and ready. */
  readonly rolledOut: boolean;
  readonly progress: string;
  /** Why its controller can't create pods, and since when; null when it reports no such failure. */
  readonly replicaFailure: { readonly message: string; readonly sinceMs: number } | null;
}

export interface JobFact extends CheckoutRelevance, PodOwner {
  readonly state: 'running' | 'complete' | 'failed';
  readonly message: string;
}

export interface ClaimFact {
  readonly name: string;
  readonly uid: string;
  readonly bound: boolean;
  readonly createdAtMs: number;
}

export interface ContainerFact {
  readonly name: string;
  readonly image: string;
  readonly restarts: number;
  readonly waiting: { readonly reason: string; readonly message: string } | null;
}

export interface PodFact {
  readonly name: string;
  readonly uid: string;
  readonly ownerKind: string;
  readonly createdAtMs: number;
  readonly terminating: boolean;
  readonly finished: boolean;
  readonly ready: boolean;
  /** Why the scheduler finds no node; null when it reports no such problem. */
  readonly unschedulable: { readonly message: string; readonly sinceMs: number } | null;
  /** Init containers first, then those that an admission webhook has added to the pod of a Job. */
  readonly containers: readonly ContainerFact[];
}

export interface EventFact {
  /** `Kind/name` of the involved object. */
  readonly object: string;
  /** UID of the involved object: an object that replaced it under the same name has no part in the event. */
  readonly uid: string;
  /** Container of the pod that the event is about, or null. */
  readonly container: string | null;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
}

/** The facts about a namespace at one moment. */
export interface Snapshot {
  readonly workloads: readonly WorkloadFact[];
  readonly jobs: readonly JobFact[];
  readonly claims: readonly ClaimFact[];
  readonly pods: readonly PodFact[];
  readonly events: readonly EventFact[];
}

export interface Clock {
  readonly nowMs: number;
  /** When the wait began. */
  readonly startedAtMs: number;
  readonly deadlineMs: number;
  /** Milliseconds after which a pod that no node can schedule has failed. Infinity: only the deadline ends the wait. */
  readonly unschedulableMs: number;
  /** The operation continues after a hold: what the cluster reported before the wait is about the failure that was held. */
  readonly isContinued: boolean;
}
