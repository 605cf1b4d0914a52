import { request } from 'undici';

/** A page that does not answer must not keep the rest of the metrics waiting. */
const TIMEOUT_MS = 1_000;

/**
 * The metrics of the Temporal SDK that the page has. The other ones have a label for each type of workflow and activity, or say
 * the same in another way.
 */
export const TEMPORAL_METRICS = [
  'temporal_activity_execution_failed_total',
  'temporal_activity_execution_latency_seconds',
  'temporal_activity_schedule_to_start_latency_seconds',
  'temporal_long_request_failure_total',
  'temporal_num_pollers',
  'temporal_request_failure_total',
  'temporal_request_total',
  'temporal_sticky_cache_size',
  'temporal_worker_task_slots_available',
  'temporal_worker_task_slots_used',
  'temporal_workflow_active_thread_count',
  'temporal_workflow_task_execution_failed_total',
  'temporal_workflow_task_execution_latency_seconds',
  'temporal_workflow_task_replay_latency_seconds',
  'temporal_workflow_task_schedule_to_start_latency_seconds',
] as const;

/** Boundaries of the histograms of the SDK, in seconds. They stand for all of its default ones, of which there are more. */
export const TEMPORAL_BUCKETS: Readonly<Record<string, number[]>> = {
  activity_execution_latency: [0.1, 1, 10, 60, 600],
  activity_schedule_to_start_latency: [0.05, 0.25, 1, 5, 30],
  workflow_task_execution_latency: [0.01, 0.05, 0.25, 1, 5],
  workflow_task_replay_latency: [0.01, 0.05, 0.25, 1],
  workflow_task_schedule_to_start_latency: [0.05, 0.25, 1, 5, 30],
};

const KEPT: ReadonlySet<string> = new Set(TEMPORAL_METRICS);
const SUFFIX = /_(bucket|sum|count)$/;

/**
 * Returns the function that reads the page of the SDK. Its metrics keep their names. The label `task_queue` loses the id of the
 * installation, so that the same query works for all installations.
 */
export function readTemporalMetrics(address: string): () => Promise<string> {
  return async () => {
    const { body } = await request(`http://${address}/metrics`, {
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    return keptLines(await body.text());
  };
}

/** Keeps the lines of the metrics in {@link TEMPORAL_METRICS}. */
export function keptLines(page: string): string {
  const lines = page.split('\n').filter((line) => KEPT.has(metricOf(line)));
  return lines.map((line) => `${line.replace(/task_queue="[^"]*\/([^"/]+)"/, 'task_queue="$1"')}\n`).join('');
}

/** Returns the name of the metric that a line is about. */
function metricOf(line: string): string {
  const [, comment, name = ''] = /^(# (?:HELP|TYPE) )?([a-z_]+)/.exec(line) ?? [];
  return comment === undefined && !KEPT.has(name) ? name.replace(SUFFIX, '') : name;
}
