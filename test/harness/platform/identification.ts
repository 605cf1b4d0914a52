import { MemoryAuditLog } from '../../fakes/memory-audit-log.ts';
import { createIdentification, type Identification, type IdentityOptions } from '../../../api/identity/identity.ts';

/** Returns the identification of an API without authentication. `given` replaces its options. */
export function testIdentification(given: Pick<IdentityOptions, 'people'> & Partial<IdentityOptions>): Identification {
  return createIdentification({
    audit: new MemoryAuditLog(),
    authentication: 'none',
    publicUrl: undefined,
    sessionMs: 12 * 3_600_000,
    idleMs: 2 * 3_600_000,
    oidc: undefined,
    now: () => new Date(),
    onUnexpected: (error) => {
      throw error;
    },
    ...given,
  });
}
