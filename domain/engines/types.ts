import type { OverridableFields } from './override-fields.ts';

/** One key of a store's Kubernetes Secret, and how the platform sets its value. */
export type SecretKeySpec =
  /** `length` random characters from [A-Za-z0-9]: safe in URLs, shells and SQL strings. The value never changes. */
  | { readonly kind: 'random'; readonly key: string; readonly length: number }
  /** A fixed value that pods read beside the random ones, such as a user name. */
  | { readonly kind: 'literal'; readonly key: string; readonly value: string };

/** Hard limits of the store's namespace: what the chart needs, one surge pod per Deployment, and its Jobs. */
export interface EngineQuota {
  readonly cpuRequests: string;
  readonly memoryRequests: string;
  readonly cpuLimits: string;
  readonly memoryLimits: string;
  readonly pods: number;
  readonly volumeClaims: number;
  readonly storage: string;
  /** Disk of all containers together, outside of volume claims. */
  readonly ephemeralStorage: string;
}

/** Images of a chart: path of the `image` object in `values.yaml` → its default `repository`. */
export interface EngineImages {
  /** The engine's main image. Its version is the chart's `appVersion`. */
  readonly image: string;
  readonly [path: string]: string;
}

/** The kind of name with which a merchant logs in to the admin pages of an engine. */
export const LOGIN_KINDS = ['username', 'email'] as const;
export type LoginKind = (typeof LOGIN_KINDS)[number];

/** All facts about an engine that the platform needs. The chart holds the rest. Tests compare both. */
export interface EngineSpec {
  readonly displayName: string;
  /** Folder below `helm/`. */
  readonly chart: string;
  /** `version` in the chart's `Chart.yaml`. */
  readonly chartVersion: string;
  readonly images: EngineImages;
  /** Workloads that the chart annotates with `required-for-checkout: 'false'`: `Kind/name`, without the name's suffix. */
  readonly notRequiredForCheckout: readonly string[];
  /** Path of the admin pages on the storefront's host. */
  readonly adminPath: string;
  /** Keys of the Secret whose values sign the merchant in to the admin pages, and what the user key holds. */
  readonly adminCredentials: {
    readonly userKey: string;
    readonly passwordKey: string;
    readonly loginKind: LoginKind;
  };
  /** Name of the one Secret that the chart reads (`existingSecret`). */
  readonly secretName: string;
  readonly secretKeys: readonly SecretKeySpec[];
  readonly quota: EngineQuota;
  /** Name of each volume claim of the chart, and the path of the value with its size. */
  readonly volumeSizes: Readonly<Record<string, string>>;
  /** The chart values that can fix a failure in `domain/failure.ts`, and no others. */
  readonly overridableFields: OverridableFields;
}
