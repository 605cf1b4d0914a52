import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/index.ts';
import { DASHBOARDS } from '../../observability/panels/index.ts';
import { vmuiFiles } from '../../observability/vmui.ts';
import { writePrivateFile } from '../files.ts';
import { portNeed, type Ports } from '../processes/ports.ts';
import type { StateFolder } from '../processes/state-folder.ts';
import type { ProcessSpec } from '../processes/supervisor.ts';
import { localAddress, REPOSITORY } from '../services/platform.ts';
import { StackError } from '../stack-error.ts';
import type { ToolResolver } from '../tools/tool-resolver.ts';
import {
  addressOf,
  prometheusConfig,
  prometheusProcess,
  SCRAPE_SECONDS,
  victoriaMetricsProcess,
} from './prometheus.ts';

const RULE_FILES = [join(REPOSITORY, 'helm', 'platform', 'files', 'rules', '*.yaml')];
/** A rate needs two samples or more. */
const RATE_SCRAPES = 12;

/** Prometheus, which scrapes API and worker, and VictoriaMetrics, whose web page shows the dashboards. */
export interface MetricsViewer {
  /** Address of Prometheus, with its alerts. */
  readonly prometheusUrl: string;
  /** Address of the dashboards for browsers. */
  readonly dashboardsUrl: string;
  /** Starts both. `run` starts a process and waits until it is ready. The samples stay in the state folder. */
  start(stack: {
    readonly run: (spec: ProcessSpec) => Promise<void>;
    readonly folder: Pick<StateFolder, 'path'>;
  }): Promise<void>;
}

/**
 * Finds Prometheus and VictoriaMetrics. It runs before any service of the stack starts, because they may be missing.
 *
 * @throws StackError when one of them cannot be found or fetched, or the platform serves no metrics.
 */
export async function prepareMetricsViewer({
  config,
  ports,
  resolver,
  report,
}: {
  readonly config: Config;
  readonly ports: Ports;
  readonly resolver: Pick<ToolResolver, 'resolveAll'>;
  readonly report: (message: string) => void;
}): Promise<MetricsViewer> {
  if (config.METRICS === 'off') {
    throw new StackError(
      '--prometheus scrapes the metrics of API and worker, but METRICS=off turns them off: unset METRICS, or start without --prometheus.',
    );
  }
  const tools = await programsFrom(resolver);
  const prometheus = addressOf({ port: ports.prometheus });
  const victoriaMetrics = addressOf({ port: ports.victoriaMetrics });
  return {
    prometheusUrl: `http://${prometheus}`,
    dashboardsUrl: `http://${victoriaMetrics}/vmui/#/dashboards`,
    async start({ run, folder }) {
      report('Starting Prometheus and VictoriaMetrics ...');
      const home = join(folder.path, 'metrics');
      const dashboardsFolder = join(home, 'dashboards');
      const configFile = join(home, 'prometheus.json');
      writeDashboards(dashboardsFolder);
      const remoteWriteUrl = `http://${victoriaMetrics}/api/v1/write`;
      writePrivateFile(
        configFile,
        prometheusConfig({ targets: targetsOf(config), ruleFiles: RULE_FILES, remoteWriteUrl }),
      );
      await run(
        victoriaMetricsProcess({
          binary: tools['victoria-metrics'].path,
          port: portNeed(ports, 'victoriaMetrics'),
          dataFolder: join(home, 'victoria-metrics'),
          dashboardsFolder,
        }),
      );
      await run(
        prometheusProcess({
          binary: tools.prometheus.path,
          port: portNeed(ports, 'prometheus'),
          dataFolder: join(home, 'prometheus'),
          configFile,
        }),
      );
    },
  };
}

async function programsFrom(resolver: Pick<ToolResolver, 'resolveAll'>) {
  try {
    return await resolver.resolveAll(['prometheus', 'victoria-metrics']);
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    throw new StackError(`${error.message}\nOr start without --prometheus.`, { cause: error });
  }
}

/** Returns the addresses of the pages /metrics, by the name of the job. */
function targetsOf(config: Config): Readonly<Record<string, string>> {
  return {
    'store-platform-api': localAddress({ host: config.METRICS_HOST, port: config.METRICS_PORT }),
    'store-platform-worker': localAddress({ host: config.WORKER_HEALTH_HOST, port: config.WORKER_HEALTH_PORT }),
  };
}

/** An earlier version of the platform may have had other dashboards, so the folder is written from scratch. */
function writeDashboards(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  const rateInterval = `${RATE_SCRAPES * SCRAPE_SECONDS}s`;
  for (const { name, text } of vmuiFiles(DASHBOARDS, { rateInterval })) writePrivateFile(join(folder, name), text);
}
