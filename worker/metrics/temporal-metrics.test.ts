import { expect, test } from '@jest/globals';
import { keptLines } from './temporal-metrics.ts';

test('keeps the chosen metrics of the SDK with their comments, and drops the others', () => {
  const page = [
    '# HELP temporal_num_pollers Pollers',
    '# TYPE temporal_num_pollers gauge',
    'temporal_num_pollers{namespace="default",task_queue="0f/default/helm"} 5',
    '# TYPE temporal_local_activity_total_total counter',
    'temporal_local_activity_total_total{activity_type="endOperation"} 3',
    '# TYPE temporal_activity_execution_latency_seconds histogram',
    'temporal_activity_execution_latency_seconds_bucket{task_queue="0f/default/watch",le="+Inf"} 2',
    'temporal_activity_execution_latency_seconds_sum{task_queue="control"} 1.5',
    '',
  ].join('\n');
  expect(keptLines(page)).toBe(
    [
      '# HELP temporal_num_pollers Pollers',
      '# TYPE temporal_num_pollers gauge',
      'temporal_num_pollers{namespace="default",task_queue="helm"} 5',
      '# TYPE temporal_activity_execution_latency_seconds histogram',
      'temporal_activity_execution_latency_seconds_bucket{task_queue="watch",le="+Inf"} 2',
      'temporal_activity_execution_latency_seconds_sum{task_queue="control"} 1.5',
      '',
    ].join('\n'),
  );
});
