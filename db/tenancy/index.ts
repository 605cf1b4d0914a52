import type { TenancyRecords, TenancyWork } from '../../domain/ports/tenancy-records.ts';
import { translatingConnectionErrors } from '../connection/errors.ts';
import type { Database } from '../connection/open-db.ts';
import { deviceRecords } from './device-codes.ts';
import { queriesOf, queriesWithin, type TenancyQueries } from './executor.ts';
import { createIdempotentRequests } from './idempotency.ts';
import { invitationRecords } from './invitations.ts';
import { localUserRecords } from './local-users.ts';
import { tenantRecords } from './tenants.ts';
import { tokenRecords } from './tokens.ts';

/** Creates the records of tenants, members, invitations, tokens and logins on a database. */
export function createTenancyRecords(db: Database): TenancyRecords {
  return {
    ...translatingConnectionErrors(tenancyWork(queriesOf(db))),
    ...createIdempotentRequests(
      (_, work) => db.transaction(work),
      (tx) => tenancyWork(queriesWithin(tx)),
    ),
    ...translatingConnectionErrors({ inTransaction }),
  };

  function inTransaction<Value>(work: (records: TenancyWork) => Promise<Value>): Promise<Value> {
    return db.transaction((tx) => work(tenancyWork(queriesWithin(tx))));
  }
}

function tenancyWork(queries: TenancyQueries): TenancyWork {
  return {
    ...tenantRecords(queries),
    ...localUserRecords(queries.all),
    ...invitationRecords(queries),
    ...tokenRecords(queries),
    ...deviceRecords(queries.all),
  };
}
