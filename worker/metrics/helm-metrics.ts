import { Counter, Histogram, type Registry } from 'prom-client';
import type { HelmRun } from '../../activities/adapters/helm-cli.ts';
import { METRICS_PREFIX } from '../../telemetry/metrics/registry.ts';

const COMMANDS = ['upgrade', 'rollback', 'uninstall'] as const;
/** An install takes 1 to 2 s on an idle machine. The time limit is 120 s. */
const BUCKETS_SECONDS = [0.5, 1, 2, 4, 8, 15, 30, 60, 120];

/** Adds the metrics of Helm processes. Returns the function that receives each run. */
export function addHelmMetrics(registry: Registry): (run: HelmRun) => void {
  const registers = [registry];
  const runs = new Counter({
    name: `${METRICS_PREFIX}helm_runs_total`,
    help: 'Runs of Helm that have ended, by command and outcome.',
    labelNames: ['command', 'outcome'],
    registers,
  });
  const durations = new Histogram({
    name: `${METRICS_PREFIX}helm_run_duration_seconds`,
    help: 'Duration of runs of Helm, by command.',
    labelNames: ['command'],
    buckets: BUCKETS_SECONDS,
    registers,
  });
  for (const command of COMMANDS) {
    durations.zero({ command });
    for (const outcome of ['succeeded', 'failed']) runs.inc({ command, outcome }, 0);
  }
  return ({ command, outcome, seconds }) => {
    runs.inc({ command, outcome });
    durations.observe({ command }, seconds);
  };
}
