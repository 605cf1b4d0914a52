import { BlockList, isIPv4 } from 'node:net';
import { engineSpec, type Engine } from '../../domain/engines/index.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** Where the certificate of a store's Ingress comes from. */
export type StoreCertificate =
  /** cert-manager issues one per store and stores it in the namespace of the store. */
  | { readonly kind: 'issued'; readonly clusterIssuer: string }
  /** The cluster provides this Secret in each store's namespace. */
  | { readonly kind: 'provided'; readonly secretName: string };

/** Name of the Secret in which cert-manager stores the certificate of a store. */
const ISSUED_SECRET = 'storefront-tls';
const ISSUER_ANNOTATION = 'cert-manager.io/cluster-issuer';

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
  /** Certificate of each store's Ingress, for https. Without it, the ingress controller uses its default certificate. */
  readonly certificate?: StoreCertificate | undefined;
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
    ...certificateValues(overlay, options.certificate),
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

function certificateValues(overlay: JsonObject, certificate: StoreCertificate | undefined): JsonObject {
  if (certificate === undefined) return {};
  const ingress = objectAt(overlay, 'ingress');
  if (certificate.kind === 'provided') return { ingress: { ...ingress, tlsSecretName: certificate.secretName } };
  const annotations = { ...objectAt(ingress, 'annotations'), [ISSUER_ANNOTATION]: certificate.clusterIssuer };
  return { ingress: { ...ingress, annotations, tlsSecretName: ISSUED_SECRET } };
}

/** A kind of a CustomResourceDefinition. */
export interface CustomKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** A custom kind, and the setting for which the charts create objects of it. */
export interface RequiredKind extends CustomKind {
  readonly setting: string;
}

/** Returns the custom kinds that the stores of some engine need with these options. */
export function requiredKinds({ certificate, overlays = {} }: ReleaseOptions): readonly RequiredKind[] {
  const routed = Object.entries(overlays).find(([, overlay]) => objectAt(overlay, 'httpRoute')['enabled'] === true);
  const route = { group: 'gateway.networking.k8s.io', version: 'v1', kind: 'HTTPRoute' };
  const issuer = { group: 'cert-manager.io', version: 'v1', kind: 'ClusterIssuer' };
  return [
    ...(routed === undefined ? [] : [{ ...route, setting: `${routed[0]}.httpRoute.enabled in STORE_VALUES_FILE` }]),
    ...(certificate?.kind === 'issued' ? [{ ...issuer, setting: 'STORE_TLS_ISSUER' }] : []),
  ];
}

/** Networks that the charts never open. */
const CLOSED_NETWORKS = ['10.0.0.0/8', '100.64.0.0/10', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'] as const;

/** Returns the networks that stores with these chart values cannot reach. Undefined: they can reach none outside of the cluster. */
export function egressExceptions(overlay: JsonObject): BlockList | undefined {
  const policy = objectAt(overlay, 'networkPolicy');
  if (policy['externalEgress'] !== true) return undefined;
  const given = policy['externalEgressExcept'];
  const list = new BlockList();
  for (const cidr of [...CLOSED_NETWORKS, ...(Array.isArray(given) ? given : [])]) {
    const [network, prefix] = String(cidr).split('/');
    // The schema of the chart rejects any other value.
    if (network !== undefined && isIPv4(network)) list.addSubnet(network, Number(prefix), 'ipv4');
  }
  return list;
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
