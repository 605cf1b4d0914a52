import type { Queries, Transaction } from '../connection/open-db.ts';

/** A database, or one of its transactions. */
export type Executor = Queries | Transaction;
