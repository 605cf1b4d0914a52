import type { LocalUserRecords } from '../../domain/ports/tenant-records.ts';
import { createLocalUser } from '../identity/users.ts';
import type { Executor } from './executor.ts';

export function localUserRecords(db: Executor): LocalUserRecords {
  return { createLocalUser: (user) => createLocalUser(db, user) };
}
