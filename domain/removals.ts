/** The identity of a database, and a number that tells its states apart. */
export interface DatabaseState {
  /** Identifier of the Postgres cluster. Null: the role may not read it. */
  readonly systemIdentifier: string | null;
  /** It changes when a standby is promoted and when Postgres is restored to a point in time. Null: not known. */
  readonly timeline: number | null;
  /** OID of the database. It changes when the database is dropped and created again. */
  readonly oid: string;
  /** How often the platform has looked at this database. It never becomes smaller, unless the database is restored. */
  readonly checks: number;
}

/** Whether the reconciler may remove objects. */
export interface RemovalState {
  /** `resuming`: an operator has confirmed the database, and the next pass over the cluster ends the pause. */
  readonly state: 'active' | 'paused' | 'resuming';
  readonly reason: string | null;
  readonly since: Date | null;
}

/**
 * Compares a database with the state in which it was last seen.
 *
 * @returns why its records may be older than the cluster or belong to another platform. Undefined: nothing suggests it.
 */
export function whyRestored(seen: DatabaseState, now: DatabaseState): string | undefined {
  if (differs(seen.systemIdentifier, now.systemIdentifier)) {
    return `the database is in another Postgres cluster: its system identifier was ${seen.systemIdentifier} and is ${now.systemIdentifier}`;
  }
  if (differs(seen.timeline, now.timeline)) {
    return `Postgres was restored, or a standby was promoted: its timeline was ${seen.timeline} and is ${now.timeline}`;
  }
  if (seen.oid !== now.oid) return `the database was created again: its OID was ${seen.oid} and is ${now.oid}`;
  if (now.checks <= seen.checks) {
    return `the database went back to an earlier state: its number of checks was ${seen.checks} and is ${now.checks}`;
  }
  return undefined;
}

function differs<T>(before: T | null, now: T | null): boolean {
  return before !== null && now !== null && before !== now;
}
