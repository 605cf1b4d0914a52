import type { Store } from '@store-platform/client';
import { MAX_KEPT_DAYS } from './limits.ts';

export type VolumePolicy = Store['volumePolicy'];

/** A volume policy as a form holds it: the number of days is text while a person types it. */
export interface VolumeChoice {
  readonly kind: 'delete' | 'keep' | 'days';
  readonly days: string;
}

export const DELETED_VOLUMES: VolumeChoice = { kind: 'delete', days: '30' };

/** Returns the choice that shows a policy. */
export function choiceOf(policy: VolumePolicy): VolumeChoice {
  if (typeof policy === 'string') return { ...DELETED_VOLUMES, kind: policy };
  return { kind: 'days', days: String(policy.keepForDays) };
}

/** Returns the policy of a choice, or undefined if the number of days is not valid. */
export function policyOf({ kind, days }: VolumeChoice): VolumePolicy | undefined {
  if (kind !== 'days') return kind;
  const keepForDays = wholeNumberOf(days, { min: 1, max: MAX_KEPT_DAYS });
  return keepForDays === undefined ? undefined : { keepForDays };
}

/** Returns the number that a text has, or undefined if it is no whole number in the range. */
export function wholeNumberOf(text: string, { min, max }: { readonly min: number; readonly max: number }) {
  const number = /^\d{1,10}$/.test(text.trim()) ? Number(text) : Number.NaN;
  return number >= min && number <= max ? number : undefined;
}
