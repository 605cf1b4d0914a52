import { engineSpec, type Engine } from '../../domain/engines/index.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export interface ReleaseOptions {
  /** Scheme of the ingress, for the URLs that a store generates. */
  readonly scheme: 'http' | 'https';
  /** Port of the ingress. URLs omit the default port of the scheme. */
  readonly port: number;
  /** Where the images come from. Default: the values of the chart. */
  readonly images?: {
    /** Registry of every image whose repository names none. */
    readonly registry: string;
    /** Whether a chart refuses an image without a digest. */
    readonly requireDigests: boolean;
  };
  /**
   * Values of the operator for the chart of each engine, such as images of a private registry or a storage class. They
   * can't change the store's identity, its address or its Secret.
   */
  readonly overlays?: Readonly<Partial<Record<Engine, JsonObject>>>;
}

/**
 * Returns the values for the chart: those of the operator, then the overrides of the store, then its identity. They
 * hold no secret, only the name of the Secret. The same input returns equal values, so a comparison shows whether a
 * release is outdated.
 */
export function releaseValues(store: StoreTarget, options: ReleaseOptions): JsonObject {
  const overlay = mergedValues(options.overlays?.[store.engine] ?? {}, store.overrides ?? {});
  const { images } = options;
  return {
    ...(images === undefined ? {} : { imageRegistry: images.registry, requireDigests: images.requireDigests }),
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

/** Returns `base` with the fields of `change`, merged object by object. */
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
