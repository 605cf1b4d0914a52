/** Compares objects as JSON. Pure functions. */

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Fields that the cluster itself maintains in every object. They are not drift. */
const CLUSTER_FIELDS = [
  ['status'],
  ['metadata', 'managedFields'],
  ['metadata', 'resourceVersion'],
  ['metadata', 'generation'],
  ['metadata', 'creationTimestamp'],
  ['metadata', 'uid'],
] as const;

const MAX_FIELDS = 10;
const MAX_PATH_LENGTH = 200;

/**
 * Returns whether `live` contains every field of `wanted` with the same value. True is certain. False may only mean
 * that the cluster normalises a value, such as `1` for `1000m`.
 */
export function isWithin(wanted: unknown, live: unknown): boolean {
  return isPart(plain(wanted), plain(live));
}

/** Returns the sorted paths of the fields that differ, at most 10, without the fields that the cluster maintains. */
export function changedFields(before: unknown, after: unknown): readonly string[] {
  const fields: string[] = [];
  collect(withoutClusterFields(plain(before)), withoutClusterFields(plain(after)), '', fields);
  return fields.toSorted().slice(0, MAX_FIELDS);
}

function isPart(wanted: Json, live: Json | undefined): boolean {
  if (wanted === null) return true; // null requests nothing: in YAML it is a field without a value
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(live) &&
      live.length === wanted.length &&
      wanted.every((part: Json, position) => isPart(part, live[position]))
    );
  }
  if (!isObject(wanted)) return wanted === live;
  return isObject(live) && Object.entries(wanted).every(([key, part]) => isPart(part, live[key]));
}

function collect(before: Json | undefined, after: Json | undefined, path: string, fields: string[]): void {
  if (isObject(before) && isObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      collect(before[key], after[key], path === '' ? key : `${path}.${key}`, fields);
    }
    return;
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    for (const [position, part] of before.entries()) collect(part, after[position], `${path}[${position}]`, fields);
    return;
  }
  if (JSON.stringify(before) !== JSON.stringify(after)) fields.push(path.slice(0, MAX_PATH_LENGTH));
}

function withoutClusterFields(object: Json): Json {
  if (!isObject(object)) return object;
  const copy: Record<string, Json> = { ...object };
  const metadata = isObject(object['metadata']) ? { ...object['metadata'] } : undefined;
  if (metadata !== undefined) copy['metadata'] = metadata;
  for (const [top, field] of CLUSTER_FIELDS) {
    if (field === undefined) delete copy[top];
    else if (metadata !== undefined) delete (metadata as Record<string, Json>)[field]; // a copy
  }
  return copy;
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Converts through JSON: dates become text and undefined fields are dropped, as on the wire. */
function plain(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
