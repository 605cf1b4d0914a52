import type { SeenUnaccounted } from '../../domain/unaccounted.ts';

const SEEN = new Date('2026-01-31T12:00:00.000Z');

/** Returns an unaccounted namespace that no operator has decided about. Fields of `seed` replace the others. */
export function unaccountedNamespace(seed: Partial<SeenUnaccounted> = {}): SeenUnaccounted {
  const releaseName = 'acme-1a2b3c4d5e6f';
  const namespace = `store-${releaseName}`;
  return {
    namespace,
    uid: 'uid',
    target: {
      storeId: '1a2b3c4d-5e6f-5000-8000-000000000000',
      cluster: 'default',
      tenantId: 'tenant',
      name: 'Acme Shoes',
      engine: 'woocommerce',
      namespace,
      releaseName,
      host: `${releaseName}.localhost`,
    },
    evidence: { readySince: SEEN.toISOString(), boundClaims: ['data'], readyPods: [] },
    firstSeen: SEEN,
    lastSeen: SEEN,
    decision: null,
    decidedAt: null,
    problem: null,
    adoptedAt: null,
    ...seed,
  };
}
