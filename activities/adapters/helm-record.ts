import { gunzipSync } from 'node:zlib';
import { parseAllDocuments } from 'yaml';

/** What is read of a revision that Helm stored. */
export interface ReleaseRecord {
  readonly revision: number;
  /** As Helm writes it: `deployed`, `failed`, `pending-install`, `uninstalling`, … */
  readonly status: string;
  readonly chartName: string;
  readonly chartVersion: string;
  /** Values the release was asked for, without the chart's defaults. */
  readonly values: Readonly<Record<string, unknown>>;
  /** When the revision was begun, in ms since the epoch. */
  readonly begunAtMs: number;
  /** The objects of the revision as YAML documents; hooks are not among them. */
  readonly manifest: string;
}

/** A Secret in which Helm keeps one revision, `sh.helm.release.v1.<name>.v<revision>`, as the API returns it. */
export interface ReleaseSecret {
  readonly metadata?: { readonly name?: string; readonly labels?: Readonly<Record<string, string>> };
  readonly data?: Readonly<Record<string, string>>;
}

/** Type of those Secrets. */
export const RELEASE_SECRET_TYPE = 'helm.sh/release.v1';

/** Selects all revisions of a release. */
export function releaseSelector(releaseName: string): string {
  return `owner=helm,name=${releaseName}`;
}

/** Status and revision are labels, so that most questions need no decoding. */
export function revisionOf(secret: ReleaseSecret): { readonly revision: number; readonly status: string } {
  const labels = secret.metadata?.labels ?? {};
  return { revision: Number(labels['version']), status: labels['status'] ?? 'unknown' };
}

/**
 * Decodes a revision: JSON, gzipped, in base64, in the base64 of every Secret.
 *
 * @throws Error when the Secret is not a release record.
 */
export function decodeReleaseSecret(secret: ReleaseSecret): ReleaseRecord {
  const encoded = secret.data?.['release'];
  const name = secret.metadata?.name ?? 'without a name';
  if (encoded === undefined) throw new Error(`the Secret ${name} holds no release`);
  const zipped = Buffer.from(Buffer.from(encoded, 'base64').toString('ascii'), 'base64');
  const { version, info, chart, config, manifest } = JSON.parse(gunzipSync(zipped).toString('utf8')) as StoredRelease; // Helm's own format
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
 * The documents of a manifest, read as Helm and kubectl do: in YAML 1.1, where `0440` is octal (the Kubernetes client
 * reads 1.2, where it is four hundred and forty), but with dates as text. Documents of comments only are left out.
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

/** The fields that are read; those that Helm leaves out at times are optional. */
interface StoredRelease {
  readonly version: number;
  readonly info: { readonly status: string; readonly last_deployed?: string };
  readonly chart?: { readonly metadata?: { readonly name?: string; readonly version?: string } };
  readonly config?: Readonly<Record<string, unknown>> | null;
  readonly manifest?: string;
}
