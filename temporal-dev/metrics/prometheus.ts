import type { PortNeed } from '../processes/ports.ts';
import { requireOk } from '../processes/require-ok.ts';
import type { ProcessSpec } from '../processes/supervisor.ts';
import { minimalEnvironment } from '../service.ts';

const PROBE_TIMEOUT_MS = 2_000;
/** Older samples are deleted. `npm run reset` deletes all. */
export const RETENTION = '7d';
/** Seconds between two scrapes: people at a laptop want to see what they have just done. */
export const SCRAPE_SECONDS = 5;

/** Sources of Prometheus, and the receiver of its samples. */
export interface PrometheusSettings {
  /** Addresses such as `127.0.0.1:3003`, by the name of their job. */
  readonly targets: Readonly<Record<string, string>>;
  /** Paths of rules. The file name may be a pattern. */
  readonly ruleFiles: readonly string[];
  /** Receives all samples, also those of the rules. */
  readonly remoteWriteUrl: string;
}

/** Returns the configuration file of Prometheus. It is JSON, which is YAML as well. */
export function prometheusConfig({ targets, ruleFiles, remoteWriteUrl }: PrometheusSettings): string {
  const interval = `${SCRAPE_SECONDS}s`;
  const config = {
    global: { scrape_interval: interval, evaluation_interval: interval },
    scrape_configs: Object.entries(targets).map(([name, target]) => ({
      job_name: name,
      static_configs: [{ targets: [target] }],
    })),
    rule_files: ruleFiles,
    remote_write: [{ url: remoteWriteUrl }],
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** A server with its program, its port and its files. */
interface ServerOptions {
  readonly binary: string;
  readonly port: PortNeed;
  readonly dataFolder: string;
}

/** Returns the process of Prometheus, which listens on loopback. */
export function prometheusProcess({
  binary,
  port,
  dataFolder,
  configFile,
}: ServerOptions & { readonly configFile: string }): ProcessSpec {
  const address = addressOf(port);
  return {
    name: 'prometheus',
    command: binary,
    args: [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${dataFolder}`,
      `--storage.tsdb.retention.time=${RETENTION}`,
      `--web.listen-address=${address}`,
      '--log.level=warn',
    ],
    env: minimalEnvironment(),
    ports: [port],
    probe: (signal) => requireOk(`http://${address}/-/ready`, signal, PROBE_TIMEOUT_MS),
    readyDeadlineMs: 120_000, // it reads the samples of earlier runs first
    stop: { signal: 'SIGTERM', graceMs: 10_000 },
  };
}

/** Returns the process of VictoriaMetrics, which listens on loopback and shows the dashboards of a folder. */
export function victoriaMetricsProcess({
  binary,
  port,
  dataFolder,
  dashboardsFolder,
}: ServerOptions & { readonly dashboardsFolder: string }): ProcessSpec {
  const address = addressOf(port);
  return {
    name: 'victoria-metrics',
    command: binary,
    args: [
      `-httpListenAddr=${address}`,
      `-storageDataPath=${dataFolder}`,
      `-retentionPeriod=${RETENTION}`,
      `-vmui.customDashboardsPath=${dashboardsFolder}`,
      '-search.latencyOffset=0s', // by default, graphs end 30 s ago
      '-memory.allowedBytes=256MB', // by default, caches may use 60 % of the memory
      '-loggerLevel=WARN',
    ],
    env: minimalEnvironment(),
    ports: [port],
    probe: (signal) => requireOk(`http://${address}/health`, signal, PROBE_TIMEOUT_MS),
    readyDeadlineMs: 60_000,
    stop: { signal: 'SIGTERM', graceMs: 10_000 },
  };
}

/** Returns the address at which a server listens. */
export function addressOf({ port }: Pick<PortNeed, 'port'>): string {
  return `127.0.0.1:${port}`;
}
