import type { Engine } from '../engines/index.ts';

/** Values of an engine's chart that one store has changed: a small part of a values file, nested as there. */
export interface Overrides {
  readonly [key: string]: string | Overrides;
}

/** One field of a overrides that may not be what it is. `pointer` is a JSON pointer into the overrides. */
export interface OverrideProblem {
  readonly pointer: string;
  readonly detail: string;
}

/** How a value is spelt. The chart's own schema looks again when it is installed. */
const VALUE_KINDS = {
  repository: { pattern: /^[a-z0-9][a-z0-9._/:-]{0,254}$/, must: 'must be the name of an image, without its tag' },
  tag: { pattern: /^\w[\w.-]{0,127}$/, must: 'must be a tag of an image' },
  digest: { pattern: /^(?:sha256:[0-9a-f]{64})?$/, must: 'must be sha256: and 64 hex digits, or empty' },
  quantity: { pattern: /^\d{1,9}(?:\.\d{1,3})?(?:m|Ki|Mi|Gi|k|M|G)?$/, must: 'must be a quantity such as 500m or 2Gi' },
  storageClass: { pattern: /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)?$/, must: 'must be a StorageClass, or empty' },
} as const;
type ValueKind = keyof typeof VALUE_KINDS;

const IMAGE = { repository: 'repository', tag: 'tag', digest: 'digest' } as const;
const QUANTITIES = { cpu: 'quantity', memory: 'quantity' } as const;
const RESOURCES = { requests: QUANTITIES, limits: QUANTITIES } as const;
const STORAGE = { size: 'quantity', storageClassName: 'storageClass' } as const;

interface OverridableFields {
  readonly [key: string]: ValueKind | OverridableFields;
}

/** What an operator may change of a store: the fields that the causes in `failure.ts` can be about, and nothing else. */
const OVERRIDABLE_FIELDS: { readonly [E in Engine]: OverridableFields } = {
  woocommerce: {
    image: IMAGE,
    web: { php: { resources: RESOURCES }, nginx: { resources: RESOURCES } },
    setup: { resources: RESOURCES },
    cron: { resources: RESOURCES },
    uploads: STORAGE,
    db: { image: IMAGE, storage: STORAGE, resources: RESOURCES },
  },
  medusa: {
    image: IMAGE,
    storefront: { image: IMAGE, resources: RESOURCES },
    server: { resources: RESOURCES },
    worker: { resources: RESOURCES },
    setup: { resources: RESOURCES },
    static: STORAGE,
    db: { image: IMAGE, storage: STORAGE, resources: RESOURCES },
    redis: { image: IMAGE, storage: STORAGE, resources: RESOURCES },
  },
};

export type ParsedOverrides =
  | { readonly kind: 'valid'; readonly overrides: Overrides }
  | { readonly kind: 'invalid'; readonly problems: readonly OverrideProblem[] };

/**
 * Reads a change of a overrides from whoever sent it: the API's callers and operators in the Temporal Web UI meet the same
 * rules, so neither can reach secrets, hosts or anything else that is not listed here.
 */
export function parseOverrides(engine: Engine, value: unknown): ParsedOverrides {
  const problems: OverrideProblem[] = [];
  const overrides = readFields(OVERRIDABLE_FIELDS[engine], value, '', problems);
  return problems.length === 0 ? { kind: 'valid', overrides } : { kind: 'invalid', problems };
}

/** `change` on top of `base`, field by field. */
export function mergeOverrides(base: Overrides, change: Overrides): Overrides {
  const merged: Record<string, string | Overrides> = { ...base };
  for (const [key, value] of Object.entries(change)) {
    const before = merged[key];
    merged[key] = typeof value === 'object' && typeof before === 'object' ? mergeOverrides(before, value) : value;
  }
  return merged;
}

function readFields(
  fields: OverridableFields,
  value: unknown,
  pointer: string,
  problems: OverrideProblem[],
): Overrides {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.push({ pointer, detail: 'must be an object' });
    return {};
  }
  const read: Record<string, string | Overrides> = {};
  for (const [key, part] of Object.entries(value)) {
    const at = `${pointer}/${key.slice(0, 64)}`;
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (field === undefined) problems.push({ pointer: at, detail: 'is not a field that may be changed' });
    else if (typeof field === 'object') read[key] = readFields(field, part, at, problems);
    else if (typeof part !== 'string' || !VALUE_KINDS[field].pattern.test(part)) {
      problems.push({ pointer: at, detail: VALUE_KINDS[field].must });
    } else read[key] = part;
  }
  return read;
}
