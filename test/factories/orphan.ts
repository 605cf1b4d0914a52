import type { SeenOrphan } from '../../domain/orphans.ts';

const SEEN = new Date('2026-01-31T12:00:00.000Z');

/** Returns an orphaned namespace that is due. Fields of `seed` replace the others. */
export function seenOrphan(seed: Partial<SeenOrphan> = {}): SeenOrphan {
  return {
    cluster: 'default',
    kind: 'Namespace',
    name: 'store-acme-1a2b3c4d5e6f',
    namespace: null,
    uid: '5f0c7f4e-9d0d-4f3e-8b5e-6d1f6a3c2b11',
    storeId: null,
    reason: 'its store has no record',
    firstSeen: SEEN,
    removableAfter: SEEN,
    approvedAt: null,
    ...seed,
  };
}
