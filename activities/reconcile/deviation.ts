import type { KubernetesObject } from '@kubernetes/client-node';
import type { DriftedObject } from '../../domain/store/store.ts';

/** How a deviation is repaired. */
export type Repair =
  /** Apply the object as the field manager that owns its fields. */
  | { readonly kind: 'apply'; readonly object: KubernetesObject; readonly manager: string }
  /** Deploy the release again with Helm. */
  | { readonly kind: 'release' }
  /** Only an operator can repair it. */
  | { readonly kind: 'person' };

export interface Deviation {
  readonly drifted: DriftedObject;
  readonly repair: Repair;
}

/** An object and how it deviates, before the repair is known. */
export type Observed = Pick<DriftedObject, 'object' | 'state'> & { readonly fields?: readonly string[] };

export function drifted(observed: Observed): DriftedObject {
  return { fields: [], needsPerson: null, ...observed };
}

/** Returns a deviation that only an operator can repair. `needsPerson` says why. */
export function forOperator(observed: Observed, needsPerson: string): Deviation {
  return { drifted: { ...drifted(observed), needsPerson }, repair: { kind: 'person' } };
}

/** Reason why no repair creates a volume claim again. */
export const CLAIM_MISSING = 'its data was deleted with it; a new volume would be empty';
