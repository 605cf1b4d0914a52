/** Format of a chart value that an operator may override. `domain/store/overrides.ts` has the pattern of each. */
export type OverrideFormat = 'repository' | 'tag' | 'digest' | 'cpu' | 'bytes' | 'storageClass';

/** Chart values that an operator may override for one store. They are nested as in the chart's `values.yaml`. */
export interface OverridableFields {
  readonly [key: string]: OverrideFormat | OverridableFields;
}

const QUANTITIES = { cpu: 'cpu', memory: 'bytes' } as const;

/** An `image` object of a chart. */
export const IMAGE = { repository: 'repository', tag: 'tag', digest: 'digest' } as const;

/** A `resources` object of a chart. */
export const RESOURCES = { requests: QUANTITIES, limits: QUANTITIES } as const;

/** The size and the StorageClass of a volume. */
export const STORAGE = { size: 'bytes', storageClassName: 'storageClass' } as const;
