/** Comparison of objects as JSON; pure. */

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What the cluster itself keeps in every object: no one's wish, so no one's drift. */
const KEPT_BY_CLUSTER = [
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
 * Whether `live` has all that `wanted` says, field by field. True is certain; false may only mean that the cluster spells
 * a value in another way, such as `1` for `1000m`.
 */
export function isWithin(wanted: unknown, live: unknown): boolean {
  return isPart(plain(wanted), plain(live));
}

/** Paths of the fields in which two states of one object differ, at most 10, in their order; what the cluster keeps is left out. */
export function changedFields(before: unknown, after: unknown): readonly string[] {
  const fields: string[] = [];
  collect(withoutKept(plain(before)), withoutKept(plain(after)), '', fields);
  return fields.toSorted().slice(0, MAX_FIELDS);
}

function isPart(wanted: Json, live: Json | undefined): boolean {
  if (wanted === null) return true; // null asks for nothing: it is how YAML writes a field that was left empty
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

function withoutKept(object: Json): Json {
  if (!isObject(object)) return object;
  const copy: Record<string, Json> = { ...object };
  const metadata = isObject(object['metadata']) ? { ...object['metadata'] } : undefined;
  if (metadata !== undefined) copy['metadata'] = metadata;
  for (const [top, field] of KEPT_BY_CLUSTER) {
    if (field === undefined) delete copy[top];
    else if (metadata !== undefined) delete (metadata as Record<string, Json>)[field]; // our own copy
  }
  return copy;
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Through JSON: dates become text and what is undefined goes, as on the wire. */
function plain(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
