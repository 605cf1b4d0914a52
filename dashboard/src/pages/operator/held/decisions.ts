import type { TenantOperation } from '@store-platform/client';

/** A decision about an operation of any tenant. */
export type Decision = 'continue' | 'skip-verification' | 'abort' | 'cancel';

type Decidable = Pick<TenantOperation, 'kind' | 'status' | 'step' | 'cancelRequestedAt'>;

/** Returns the decisions that an operation can take. The API decides again. */
export function decisionsOf({ kind, status, step, cancelRequestedAt }: Decidable): readonly Decision[] {
  if (kind !== 'provision' || cancelRequestedAt !== null) return [];
  if (status !== 'held') return ['cancel'];
  return step === 'verify' ? ['continue', 'skip-verification', 'abort'] : ['continue', 'abort'];
}
