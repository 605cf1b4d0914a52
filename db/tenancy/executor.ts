import type { Database } from '../connection/open-db.ts';

/** A database, or one of its transactions. */
export type Executor = Pick<Database, 'select' | 'insert' | 'update' | 'delete' | 'transaction'>;
