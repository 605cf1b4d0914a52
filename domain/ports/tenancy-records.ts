import type { DeviceRecords } from './device-records.ts';
import type { IdempotentRequests } from './idempotent-requests.ts';
import type { InvitationRecords } from './invitation-records.ts';
import type { LocalUserRecords, TenantRecords } from './tenant-records.ts';
import type { TokenRecords } from './token-records.ts';

/** Records that one transaction can change together. */
export type TenancyWork = TenantRecords & LocalUserRecords & InvitationRecords & TokenRecords & DeviceRecords;

/** Tenants, members, invitations, service accounts, API tokens and logins of the command line. */
export type TenancyRecords = TenancyWork &
  IdempotentRequests<TenancyWork> & {
    /** Runs `work` in one transaction. */
    inTransaction<Value>(work: (records: TenancyWork) => Promise<Value>): Promise<Value>;
  };
