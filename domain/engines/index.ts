/** The shop software a store can run on. The order is the order of the documentation. */
export const ENGINES = ['woocommerce', 'medusa'] as const;
export type Engine = (typeof ENGINES)[number];

/** One key of a store's Kubernetes Secret and how its value comes into being. */
export type SecretKeySpec =
  /** `length` characters from [A-Za-z0-9], drawn once, safe in URLs, shells and SQL strings. */
  | { readonly kind: 'random'; readonly key: string; readonly length: number }
  /** A fixed value, such as a user name, that pods expect beside the generated ones. */
  | { readonly kind: 'literal'; readonly key: string; readonly value: string };

/** Everything the platform has to know about an engine; all else is in its chart. */
export interface EngineSpec {
  readonly engine: Engine;
  readonly displayName: string;
  /** Folder below `helm/`. */
  readonly chart: string;
  /** Must equal `version` in the chart's Chart.yaml; a test compares them. */
  readonly chartVersion: string;
  /** Path of the admin pages below the storefront's host. */
  readonly adminPath: string;
  /** Name of the one Secret that the chart reads (`existingSecret`). */
  readonly secretName: string;
  readonly secretKeys: readonly SecretKeySpec[];
  /** Hard limits of the store's namespace: what the chart needs, one surge pod and its Jobs. */
  readonly quota: {
    readonly cpuRequests: string;
    readonly memoryRequests: string;
    readonly cpuLimits: string;
    readonly memoryLimits: string;
    readonly pods: number;
    readonly volumeClaims: number;
    readonly storage: string;
  };
}

const ENGINE_SPECS: { readonly [E in Engine]: EngineSpec & { readonly engine: E } } = {
  woocommerce: {
    engine: 'woocommerce',
    displayName: 'WooCommerce',
    chart: 'woocommerce',
    chartVersion: '0.1.0',
    adminPath: '/wp-admin/',
    secretName: 'store-secrets',
    secretKeys: [
      { kind: 'literal', key: 'admin-user', value: 'admin' },
      { kind: 'random', key: 'admin-password', length: 32 },
      { kind: 'random', key: 'db-password', length: 32 },
      { kind: 'random', key: 'db-root-password', length: 32 },
      { kind: 'random', key: 'auth-key', length: 64 },
      { kind: 'random', key: 'secure-auth-key', length: 64 },
      { kind: 'random', key: 'logged-in-key', length: 64 },
      { kind: 'random', key: 'nonce-key', length: 64 },
      { kind: 'random', key: 'auth-salt', length: 64 },
      { kind: 'random', key: 'secure-auth-salt', length: 64 },
      { kind: 'random', key: 'logged-in-salt', length: 64 },
      { kind: 'random', key: 'nonce-salt', length: 64 },
    ],
    quota: {
      cpuRequests: '2',
      memoryRequests: '2Gi',
      cpuLimits: '12',
      memoryLimits: '3Gi',
      pods: 15,
      volumeClaims: 4,
      storage: '20Gi',
    },
  },
  medusa: {
    engine: 'medusa',
    displayName: 'Medusa',
    chart: 'medusa',
    chartVersion: '0.1.0',
    adminPath: '/app/',
    secretName: 'store-secrets',
    secretKeys: [
      { kind: 'literal', key: 'admin-email', value: 'admin@store.invalid' },
      { kind: 'random', key: 'admin-password', length: 32 },
      { kind: 'random', key: 'db-password', length: 32 },
      { kind: 'random', key: 'db-root-password', length: 32 },
      { kind: 'random', key: 'redis-password', length: 32 },
      { kind: 'random', key: 'jwt-secret', length: 64 },
      { kind: 'random', key: 'cookie-secret', length: 64 },
      { kind: 'random', key: 'mfa-encryption-key', length: 64 },
    ],
    quota: {
      cpuRequests: '2',
      memoryRequests: '3Gi',
      cpuLimits: '14',
      memoryLimits: '4Gi',
      pods: 15,
      volumeClaims: 5,
      storage: '20Gi',
    },
  },
};

/** The catalogue entry of an engine. */
export function engineSpec(engine: Engine): EngineSpec {
  return ENGINE_SPECS[engine];
}
