import { announcing, type OnCommit } from './changes.ts';
import type { Queries, Transaction } from './database.ts';
import type { WithSession } from './session.ts';

/**
 * Returns the `transaction` function of a pool. It replaces drizzle's own one, which never returns the connection to the
 * pool when `begin` fails, and which returns a connection that no longer answers as if it worked.
 *
 * @param onCommit Receives the changes that a transaction has noted, after its commit.
 */
export function transactionsOn(withSession: WithSession, onCommit: OnCommit): Queries['transaction'] {
  return async function transaction<Result>(
    work: (tx: Transaction) => Promise<Result>,
    ...config: [] | [Parameters<Queries['transaction']>[1]]
  ): Promise<Result> {
    return announcing(work, onCommit, (noting) => withSession((session) => session.db.transaction(noting, ...config)));
  };
}
