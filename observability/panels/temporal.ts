import { medianAndP95, type Dashboard } from './dashboard.ts';

export const TEMPORAL: Dashboard = {
  name: 'temporal',
  title: 'Store platform: Temporal',
  description: 'Metrics of the Temporal SDK in the workers. The Temporal server has metrics of its own.',
  rows: [
    {
      title: 'Task queues',
      panels: [
        {
          kind: 'graph',
          title: 'Wait for an activity slot',
          description:
            'Time between the schedule of an activity and its start. It grows when the workers have no free slot.',
          unit: 's',
          queries: medianAndP95('temporal_activity_schedule_to_start_latency_seconds', { by: ['task_queue'] }),
        },
        {
          kind: 'graph',
          title: 'Wait for a workflow slot',
          description: 'Time between the schedule of a workflow task and its start.',
          unit: 's',
          queries: medianAndP95('temporal_workflow_task_schedule_to_start_latency_seconds', { by: ['task_queue'] }),
        },
        {
          kind: 'graph',
          title: 'Slots in use',
          description: 'Tasks that run now, by task queue and type.',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (task_queue, worker_type) (temporal_worker_task_slots_used)',
              legend: '{{task_queue}} {{worker_type}}',
            },
          ],
        },
        {
          kind: 'graph',
          title: 'Free slots',
          description: 'Tasks that could start now, by task queue and type.',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (task_queue, worker_type) (temporal_worker_task_slots_available)',
              legend: '{{task_queue}} {{worker_type}}',
            },
          ],
        },
        {
          kind: 'graph',
          title: 'Pollers',
          description: 'Polls that are open, by task queue and type. Without pollers, tasks of the queue wait.',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (task_queue, poller_type) (temporal_num_pollers)',
              legend: '{{task_queue}} {{poller_type}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Tasks',
      panels: [
        {
          kind: 'graph',
          title: 'Activities',
          description: 'Attempts of activities that ended per second, by task queue.',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (task_queue) (rate(temporal_activity_execution_latency_seconds_count[$__rate_interval]))',
              legend: '{{task_queue}}',
            },
          ],
        },
        {
          kind: 'graph',
          title: 'Duration of activities',
          description: 'Time of one attempt, by task queue. Activities of the queue watch wait for the cluster.',
          unit: 's',
          queries: medianAndP95('temporal_activity_execution_latency_seconds', { by: ['task_queue'] }),
        },
        {
          kind: 'graph',
          title: 'Failed attempts of activities',
          description: 'Attempts that failed per second, by type.',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (activity_type) (rate(temporal_activity_execution_failed_total[$__rate_interval]))',
              legend: '{{activity_type}}',
            },
          ],
        },
        {
          kind: 'graph',
          title: 'Duration of workflow tasks',
          description: 'A workflow task that takes a second blocks other runs of the same thread.',
          unit: 's',
          queries: medianAndP95('temporal_workflow_task_execution_latency_seconds'),
        },
        {
          kind: 'graph',
          title: 'Replays',
          description: 'Time to replay a run that was not in the cache of a worker.',
          unit: 's',
          queries: medianAndP95('temporal_workflow_task_replay_latency_seconds'),
        },
        {
          kind: 'graph',
          title: 'Failed workflow tasks',
          description: 'Workflow tasks that failed per second. Code that does not replay a run is the usual cause.',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (workflow_type, failure_reason) (rate(temporal_workflow_task_execution_failed_total[$__rate_interval]))',
              legend: '{{workflow_type}} {{failure_reason}}',
            },
          ],
        },
        {
          kind: 'graph',
          title: 'Cached runs',
          description: 'Runs in the memory of the workers. Each worker keeps up to 300.',
          unit: 'short',
          queries: [{ expr: 'sum by (instance) (temporal_sticky_cache_size)', legend: '{{instance}}' }],
        },
      ],
    },
    {
      title: 'Requests to the Temporal server',
      panels: [
        {
          kind: 'graph',
          title: 'Requests',
          description: 'Requests per second, by operation.',
          unit: 'reqps',
          queries: [
            { expr: 'sum by (operation) (rate(temporal_request_total[$__rate_interval]))', legend: '{{operation}}' },
          ],
        },
        {
          kind: 'graph',
          title: 'Failed requests',
          description: 'Failed requests and polls per second. A few are normal while Temporal restarts.',
          unit: 'reqps',
          queries: [
            {
              expr: 'sum by (operation, status_code) (rate(temporal_request_failure_total[$__rate_interval]))',
              legend: '{{operation}} {{status_code}}',
            },
            {
              expr: 'sum by (operation, status_code) (rate(temporal_long_request_failure_total[$__rate_interval]))',
              legend: 'poll {{operation}} {{status_code}}',
            },
          ],
        },
      ],
    },
  ],
};
