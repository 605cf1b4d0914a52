import { engineSpec, type Engine } from '../engines/index.ts';
import type { OverridableFields, OverrideFormat } from '../engines/override-fields.ts';

/** The chart values that one store overrides: a small part of a values file, nested as in the chart. */
export interface Overrides {
  readonly [key: string]: string | Overrides;
}

/**
 * A change of the overrides of a store, as a JSON merge patch (RFC 7396): a value replaces or adds a field, and null
 * unsets it, so that the value of the platform applies again.
 */
export interface OverrideChange {
  readonly [key: string]: string | null | OverrideChange;
}

/** An invalid field of the overrides. `pointer` is a JSON pointer into the overrides. */
export interface OverrideProblem {
  readonly pointer: string;
  readonly detail: string;
}

/**
 * The pattern of each format. The chart's own schema validates the values again when Helm applies them, and accepts every
 * value that these patterns accept.
 */
export const OVERRIDE_FORMATS: Readonly<Record<OverrideFormat, { readonly pattern: RegExp; readonly must: string }>> = {
  repository: { pattern: /^[a-z0-9][a-z0-9._/:-]{0,254}$/, must: 'must be an image name without a tag' },
  tag: { pattern: /^\w[\w.-]{0,127}$/, must: 'must be an image tag' },
  digest: { pattern: /^(?:sha256:[0-9a-f]{64})?$/, must: 'must be "sha256:" and 64 hex digits, or empty' },
  cpu: { pattern: /^[1-9][0-9]{0,8}m?$/, must: 'must be an amount of CPU such as 500m or 2' },
  bytes: { pattern: /^[1-9][0-9]{0,8}(?:Mi|Gi)$/, must: 'must be an amount of bytes such as 512Mi or 2Gi' },
  storageClass: {
    pattern: /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)?$/,
    must: 'must be the name of a StorageClass, or empty',
  },
};

export type ParsedOverrides =
  | { readonly kind: 'valid'; readonly change: OverrideChange }
  | { readonly kind: 'invalid'; readonly problems: readonly OverrideProblem[] };

/**
 * Validates a change of a store's overrides against `overridableFields` of its engine. Both entrances, the API and the
 * Temporal Web UI, call this function: neither can change secrets, hosts or any other field.
 */
export function parseOverrides(engine: Engine, value: unknown): ParsedOverrides {
  const problems: OverrideProblem[] = [];
  const change = readFields(engineSpec(engine).overridableFields, value, '', problems);
  return problems.length === 0 ? { kind: 'valid', change } : { kind: 'invalid', problems };
}

/**
 * Applies a change to overrides. Fields that only `base` has are kept. The result has no null, which the chart would not
 * accept, and no empty object. Null instead of it: no field is overridden.
 */
export function mergeOverrides(base: Overrides | null, change: OverrideChange): Overrides | null {
  const merged = new Map(Object.entries(base ?? {}));
  for (const [key, value] of Object.entries(change)) {
    const before = merged.get(key);
    const isNested = typeof value === 'object' && value !== null;
    const after = isNested ? mergeOverrides(typeof before === 'object' ? before : null, value) : value;
    if (after === null) merged.delete(key);
    else merged.set(key, after);
  }
  return merged.size === 0 ? null : Object.fromEntries(merged);
}

function readFields(
  fields: OverridableFields,
  value: unknown,
  pointer: string,
  problems: OverrideProblem[],
): OverrideChange {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.push({ pointer, detail: 'must be an object' });
    return {};
  }
  const read: Record<string, string | null | OverrideChange> = {};
  for (const [key, part] of Object.entries(value)) {
    const at = `${pointer}/${key.slice(0, 64)}`;
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (field === undefined) problems.push({ pointer: at, detail: 'is not a field that can be overridden' });
    else if (part === null) read[key] = null;
    else if (typeof field === 'object') read[key] = readFields(field, part, at, problems);
    else if (typeof part !== 'string' || !OVERRIDE_FORMATS[field].pattern.test(part)) {
      problems.push({ pointer: at, detail: OVERRIDE_FORMATS[field].must });
    } else read[key] = part;
  }
  return read;
}
