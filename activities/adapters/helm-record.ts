import { gunzipSync } from 'node:zlib';
import { parseAllDocuments } from 'yaml';

/** The parts of a stored Helm revision that the platform uses. */
export interface ReleaseRecord {
  readonly revision: number;
  /** Status as Helm writes it: `deployed`, `failed`, `pending-install`, `uninstalling`, … */
  readonly status: string;
  readonly chartName: string;
  readonly chartVersion: string;
  /** Values of the release without the defaults of the chart. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Start time of the revision, in ms since the epoch. */
  readonly begunAtMs: number;
  /** The objects of the revision as YAML documents, without hooks. */
  readonly manifest: string;
}

/** A Secret in which Helm stores one revision: `sh.helm.release.v1.<name>.v<revision>`. */
export interface ReleaseSecret {
  readonly metadata?: { readonly name?: string; readonly labels?: Readonly<Record<string, string>> };
  readonly data?: Readonly<Record<string, string>>;
}

/** Type of these Secrets. */
export const RELEASE_SECRET_TYPE = 'helm.sh/release.v1';

/** Returns the label selector for all revisions of a release. */
export function releaseSelector(releaseName: string): string {
  return `owner=helm,name=${releaseName}`;
}

/** Reads revision and status from the labels, without decoding the Secret. */
export function revisionOf(secret: ReleaseSecret): { readonly revision: number; readonly status: string } {
  const labels = secret.metadata?.labels ?? {};
  return { revision: Number(labels['version']), status: labels['status'] ?? 'unknown' };
}

/**
 * Decodes a revision: JSON, gzipped, base64-encoded by Helm and again by the API.
 *
 * @throws Error when the Secret is not a release record.
 */
export function decodeReleaseSecret(secret: ReleaseSecret): ReleaseRecord {
  const encoded = secret.data?.['release'];
  const name = secret.metadata?.name ?? 'without a name';
  if (encoded === undefined) throw new Error(`the Secret ${name} holds no release`);
  const zipped = Buffer.from(Buffer.from(encoded, 'base64').toString('ascii'), 'base64');
  const { version, info, chart, config, manifest } = JSON.parse(gunzipSync(zipped).toString('utf8')) as StoredRelease; // Helm wrote it
  return {
    revision: version,
    status: info.status,
    chartName: chart?.metadata?.name ?? '',
    chartVersion: chart?.metadata?.version ?? '',
    values: config ?? {},
    begunAtMs: Date.parse(info.last_deployed ?? '') || 0,
    manifest: manifest ?? '',
  };
}

/**
 * Parses the documents of a manifest as Helm and kubectl do: as YAML 1.1, where `0440` is octal (the Kubernetes client
 * reads YAML 1.2, where it is 440), but with dates as text. Omits documents that contain only comments.
 *
 * @throws YAMLParseError
 */
export function manifestDocuments(manifest: string): readonly object[] {
  const documents = parseAllDocuments(manifest, {
    version: '1.1',
    customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || tag.tag !== 'tag:yaml.org,2002:timestamp'),
  });
  if ('empty' in documents) return [];
  return documents.map((document): object | null => document.toJS()).filter((object) => object !== null);
}

/** The fields that are read. Optional fields are those that Helm may omit. */
interface StoredRelease {
  readonly version: number;
  readonly info: { readonly status: string; readonly last_deployed?: string };
  readonly chart?: { readonly metadata?: { readonly name?: string; readonly version?: string } };
  readonly config?: Readonly<Record<string, unknown>> | null;
  readonly manifest?: string;
}
