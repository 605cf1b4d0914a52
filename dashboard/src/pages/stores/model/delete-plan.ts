import type { VolumeChoice } from './volumes.ts';
import { MAX_KEPT_DAYS, MAX_UNDELETE_WINDOW_SECONDS } from './limits.ts';
import { wholeNumberOf } from './volumes.ts';

const HOUR_SECONDS = 3_600;
export const MAX_UNDELETE_HOURS = MAX_UNDELETE_WINDOW_SECONDS / HOUR_SECONDS;

/** The options of a delete, as the API takes them. Missing fields have the default of the platform or of the store. */
export interface DeletePlan {
  readonly undeleteWindowSeconds?: number;
  readonly volumePolicy?: 'delete' | 'keep';
  readonly keepVolumesForDays?: number;
}

/** The options of a delete, as a form holds them. */
export interface DeleteForm {
  /** `default`: the setting of the platform. */
  readonly window: 'default' | 'none' | 'hours';
  readonly hours: string;
  /** `store`: the policy of the store. */
  readonly volumes: VolumeChoice['kind'] | 'store';
  readonly days: string;
}

export const DEFAULT_DELETE: DeleteForm = { window: 'default', hours: '24', volumes: 'store', days: '30' };

/** Returns the options of a form, or undefined if a number is not valid. */
export function planOf({ window, hours, volumes, days }: DeleteForm): DeletePlan | undefined {
  const validHours = wholeNumberOf(hours, { min: 1, max: MAX_UNDELETE_HOURS });
  const validDays = wholeNumberOf(days, { min: 1, max: MAX_KEPT_DAYS });
  if (window === 'hours' && validHours === undefined) return undefined;
  if (volumes === 'days' && validDays === undefined) return undefined;
  return {
    ...(window === 'none' ? { undeleteWindowSeconds: 0 } : {}),
    ...(window === 'hours' && validHours !== undefined ? { undeleteWindowSeconds: validHours * HOUR_SECONDS } : {}),
    ...(volumes === 'delete' || volumes === 'keep' ? { volumePolicy: volumes } : {}),
    ...(volumes === 'days' && validDays !== undefined ? { keepVolumesForDays: validDays } : {}),
  };
}
