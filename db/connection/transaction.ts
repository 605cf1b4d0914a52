import type { Queries, Transaction } from './database.ts';
import type { WithSession } from './session.ts';

/**
 * Returns the `transaction` function of a pool. It replaces drizzle's own one, which never returns the connection to the
 * pool when `begin` fails, and which returns a connection that no longer answers as if it worked.
 */
export function transactionsOn(withSession: WithSession): Queries['transaction'] {
  return async function transaction<Result>(
    work: (tx: Transaction) => Promise<Result>,
    ...config: [] | [Parameters<Queries['transaction']>[1]]
  ): Promise<Result> {
    return withSession((session) => session.db.transaction(work, ...config));
  };
}
