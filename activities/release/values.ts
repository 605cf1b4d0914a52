import { engineSpec, type Engine } from '../../domain/engines/index.ts';
import type { StoreTarget } from '../../domain/operations/types.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export interface ReleaseOptions {
  /** How customers reach the front door, for the URLs that a store prints. */
  readonly scheme: 'http' | 'https';
  /** Port of the front door; left out of URLs where it is the scheme's own. */
  readonly port: number;
  /**
   * Values of the operator for each engine's chart, such as images of a private registry or a storage class. They can't
   * change whose store it is, where it is served, or which Secret it reads.
   */
  readonly overlays?: Readonly<Partial<Record<Engine, JsonObject>>>;
}

/**
 * Values for the engine's chart: the operator's for all stores, then what was changed for this one. Holds no secret: the
 * chart gets the name of the Secret only. The same store and options give equal values, so a digest of them tells whether
 * a release is up to date.
 */
export function releaseValues(store: StoreTarget, options: ReleaseOptions): JsonObject {
  const overlay = mergedValues(options.overlays?.[store.engine] ?? {}, store.overrides ?? {});
  return {
    ...overlay,
    existingSecret: engineSpec(store.engine).secretName,
    store: {
      ...objectAt(overlay, 'store'),
      id: store.storeId,
      name: store.name,
      host: store.host,
      scheme: options.scheme,
      port: options.port,
    },
  };
}

/** `base` with what `change` says, object by object. */
export function mergedValues(base: JsonObject, change: JsonObject): JsonObject {
  const result: Record<string, Json> = { ...base };
  for (const [key, value] of Object.entries(change)) {
    const before = result[key];
    result[key] = isObject(before) && isObject(value) ? mergedValues(before, value) : value;
  }
  return result;
}

function objectAt(values: JsonObject, key: string): JsonObject {
  const value = values[key];
  return isObject(value) ? value : {};
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
