import { ALL_PLATFORMS, type ToolManifest } from './tool-spec.ts';

const PROMETHEUS_RELEASE = 'https://github.com/prometheus/prometheus/releases/download/v{version}';
const VICTORIA_METRICS_RELEASE =
  'https://github.com/VictoriaMetrics/VictoriaMetrics/releases/download/v{version}/victoria-metrics-{os}-{arch}-v{version}';

/** The programs of `npm start -- --prometheus`. `fillTemplate` replaces `{version}`, `{os}` and `{arch}`. */
export const METRICS_TOOLS: Pick<ToolManifest, 'prometheus' | 'victoria-metrics'> = {
  prometheus: {
    version: '3.14.0',
    // The stack uses only settings and flags that both major versions have. The tests run on the 2.42 of Debian.
    acceptedRange: '>=2.42.0 <4',
    binary: 'prometheus',
    envVariable: 'PROMETHEUS_BIN',
    versionArguments: ['--version'],
    downloads: [
      {
        platforms: ALL_PLATFORMS,
        url: `${PROMETHEUS_RELEASE}/prometheus-{version}.{os}-{arch}.tar.gz`,
        checksumUrl: `${PROMETHEUS_RELEASE}/sha256sums.txt`,
        digest: 'sha256',
        entry: 'prometheus-{version}.{os}-{arch}/prometheus',
      },
    ],
    // A build from the Go module would have no web page: the module does not contain it.
    debianPackage: 'prometheus',
  },
  /** Its web page shows the dashboards of the platform. */
  'victoria-metrics': {
    version: '1.151.0',
    binary: 'victoria-metrics',
    envVariable: 'VICTORIA_METRICS_BIN',
    versionArguments: ['--version'],
    downloads: [
      {
        platforms: ALL_PLATFORMS,
        url: `${VICTORIA_METRICS_RELEASE}.tar.gz`,
        checksumUrl: `${VICTORIA_METRICS_RELEASE}_checksums.txt`,
        digest: 'sha256',
        entry: 'victoria-metrics-prod',
      },
    ],
    go: {
      folder: 'victoria-metrics',
      package: 'github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-metrics',
      module: 'github.com/VictoriaMetrics/VictoriaMetrics',
      linkerFlags: '-X github.com/VictoriaMetrics/VictoriaMetrics/lib/buildinfo.Version=v{version}',
      buildTime: 'about 1 min',
    },
  },
};
