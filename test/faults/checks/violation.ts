/** The numbered guarantees of the platform (I1 to I11), and the rule for 5xx responses. */
export const INVARIANTS = {
  I1: 'no object of a store is left after the store is deleted, cancelled or failed',
  I2: 'a store has at most one release, and at most one Helm process writes to it at a time',
  I3: 'the record, the cluster and Temporal agree when no operation is running',
  I4: 'the quota is never exceeded',
  I5: 'no event is lost, duplicated or out of order',
  I6: 'the same idempotency key gives the same store',
  I7: 'a retry does not change the secrets of a store',
  I8: 'no secret value is stored outside Kubernetes Secrets',
  I9: 'every accepted request reaches its final status within its deadline',
  I10: 'the data of a store survives every operation except delete',
  I11: 'an installation never changes objects of another installation',
  responses: 'the only 5xx response is a 503 with Retry-After',
} as const;

export type Invariant = keyof typeof INVARIANTS;

export interface Violation {
  readonly invariant: Invariant;
  readonly message: string;
}

export function violation(invariant: Invariant, message: string): Violation {
  return { invariant, message };
}
