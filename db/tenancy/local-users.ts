import type { LocalUserRecords } from '../../domain/ports/tenant-records.ts';
import { LOCAL_ISSUER, users } from '../schema/users.ts';
import type { Executor } from './executor.ts';

export function localUserRecords(db: Executor): LocalUserRecords {
  return {
    async createLocalUser({ userId, email, name, passwordHash, now }) {
      const created = await db
        .insert(users)
        .values({ id: userId, issuer: LOCAL_ISSUER, subject: userId, email, name, passwordHash, createdAt: now })
        .onConflictDoNothing()
        .returning({ id: users.id });
      return created.length > 0 ? 'created' : 'emailTaken';
    },
  };
}
