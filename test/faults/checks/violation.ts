/** The guarantees of the platform, by their numbers, and what callers may rely on beyond them. */
export const INVARIANTS = {
  I1: 'nothing of a store is left after it is deleted, cancelled or failed',
  I2: 'at most one release a store, never two Helm writers at once',
  I3: 'the record is as the cluster is once things are quiet',
  I4: 'the quota is never exceeded',
  I5: 'no event is lost, doubled or out of order',
  I6: 'the same key gets the same answer',
  I7: 'secrets stay as they are over retries',
  I8: 'no secret is outside Kubernetes Secrets',
  I9: 'every accepted request reaches a final state within its bound',
  I10: "a store's data survive every operation but delete",
  answers: 'no answer is a 5xx but a 503 that says when to come again',
} as const;

export type Invariant = keyof typeof INVARIANTS;

export interface Violation {
  readonly invariant: Invariant;
  readonly what: string;
}

export function violation(invariant: Invariant, what: string): Violation {
  return { invariant, what };
}
