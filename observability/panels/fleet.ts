import { medianAndP95, type Dashboard } from './dashboard.ts';

export const FLEET: Dashboard = {
  name: 'fleet',
  title: 'Store platform: fleet',
  description: 'All stores: their number, how provisions go, and what the reconciler has found.',
  rows: [
    {
      title: 'Stores and objectives',
      panels: [
        {
          kind: 'graph',
          title: 'Stores by status',
          description: 'Stores that are not deleted.',
          unit: 'short',
          queries: [
            { expr: 'sum by (status) (max by (engine, status) (store_platform_stores))', legend: '{{status}}' },
          ],
        },
        {
          kind: 'graph',
          title: 'Stores by engine',
          description: 'Stores that are not deleted.',
          unit: 'short',
          queries: [
            { expr: 'sum by (engine) (max by (engine, status) (store_platform_stores))', legend: '{{engine}}' },
          ],
        },
        {
          kind: 'graph',
          title: 'Share that misses an objective',
          description:
            'Each line is one objective, over the last hour. The rules in helm/platform/files/rules have the limits.',
          unit: 'percentunit',
          queries: [{ expr: 'store_platform:objective_errors:ratio1h', legend: '{{objective}} {{engine}}' }],
        },
        {
          kind: 'graph',
          title: 'Time to ready',
          description: 'From the request until the store is ready. It includes waits for a slot and holds.',
          unit: 's',
          queries: medianAndP95('store_platform_time_to_ready_seconds', { by: ['engine'] }),
        },
      ],
    },
    {
      title: 'Operations',
      panels: [
        {
          kind: 'graph',
          title: 'Open operations',
          description: 'Operations that have not ended, by kind and status.',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (kind, status) (max by (kind, status, step) (store_platform_operations))',
              legend: '{{kind}} {{status}}',
            },
          ],
        },
        {
          kind: 'graph',
          title: 'Oldest request by step',
          description:
            'Age of the oldest open operation. Deletes with an undelete window and held provisions are old on purpose.',
          unit: 's',
          queries: [
            {
              expr: 'max by (kind, step) (store_platform_operations_oldest_age_seconds)',
              legend: '{{kind}} {{step}}',
            },
          ],
        },
        {
          kind: 'graph',
          title: 'Ended operations',
          description: 'Operations that ended per second.',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (kind, outcome) (rate(store_platform_operations_ended_total[$__rate_interval]))',
              legend: '{{kind}} {{outcome}}',
            },
          ],
        },
        {
          kind: 'graph',
          title: 'Failures by code',
          description: 'Failed operations of the last hour. docs/troubleshooting.md explains each code.',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (kind, code, cause) (increase(store_platform_operation_failures_total[1h])) > 0',
              legend: '{{kind}} {{code}} ({{cause}})',
            },
          ],
        },
        {
          kind: 'graph',
          title: 'Duration of steps, p95',
          description: 'Completed steps of provisions.',
          unit: 's',
          queries: medianAndP95('store_platform_step_duration_seconds', {
            by: ['step'],
            where: '{kind="provision"}',
          }).slice(1),
        },
      ],
    },
    {
      title: 'Verification and reconciler',
      panels: [
        {
          kind: 'graph',
          title: 'Verifications',
          description: 'Verifications per second. On simulated nodes they are skipped.',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (trigger, outcome) (rate(store_platform_verifications_total[$__rate_interval]))',
              legend: '{{trigger}} {{outcome}}',
            },
          ],
        },
        {
          kind: 'graph',
          title: 'Stores that serve traffic',
          description:
            'All of them, those that were verified in the last two hours, and those whose newest verification failed.',
          unit: 'short',
          queries: [
            { expr: 'sum(max by (engine) (store_platform_stores_serving))', legend: 'serving' },
            { expr: 'sum(max by (engine) (store_platform_stores_verified))', legend: 'verified' },
            { expr: 'sum(max by (engine) (store_platform_stores_degraded))', legend: 'degraded' },
          ],
        },
        {
          kind: 'graph',
          title: 'Oldest verification',
          description: 'Time since the last verification that passed, of the store for which it is longest.',
          unit: 's',
          queries: [{ expr: 'max by (engine) (store_platform_verification_oldest_age_seconds)', legend: '{{engine}}' }],
        },
        {
          kind: 'graph',
          title: 'Drift and conditions',
          description: 'Stores that differ from their release, and stores with a condition.',
          unit: 'short',
          queries: [
            {
              expr: 'max by (needs_operator) (store_platform_stores_drifted)',
              legend: 'drifted, operator: {{needs_operator}}',
            },
            { expr: 'max by (type) (store_platform_store_conditions)', legend: '{{type}}' },
          ],
        },
        {
          kind: 'graph',
          title: 'Orphans and unaccounted namespaces',
          description:
            'Objects in the cluster that belong to no store, and namespaces with data whose stores have no record.',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (cluster, kind) (max by (cluster, kind, due) (store_platform_orphans))',
              legend: '{{cluster}}: orphan {{kind}}',
            },
            {
              expr: 'max by (decision) (store_platform_unaccounted_namespaces)',
              legend: 'unaccounted, decision: {{decision}}',
            },
            { expr: 'max(store_platform_removals_paused)', legend: 'removals are paused' },
          ],
        },
        {
          kind: 'graph',
          title: 'Repairs and removals',
          description: 'Changes of the reconciler in the last hour.',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (outcome) (increase(store_platform_drift_repairs_total[1h]))',
              legend: 'repair {{outcome}}',
            },
            { expr: 'sum(increase(store_platform_leftovers_removed_total[1h]))', legend: 'leftovers removed' },
            {
              expr: 'sum by (outcome) (increase(store_platform_orphans_settled_total[1h]))',
              legend: 'orphans {{outcome}}',
            },
          ],
        },
        {
          kind: 'graph',
          title: 'Time since the last complete pass',
          description: 'A pass over all ready stores of a cluster: comparison with the release, and verification.',
          unit: 's',
          queries: [
            {
              expr: 'time() - max by (cluster, pass) (store_platform_pass_completed_timestamp_seconds)',
              legend: '{{cluster}}: {{pass}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Webhooks',
      panels: [
        {
          kind: 'graph',
          title: 'Webhooks',
          description: 'Webhooks by status and reason.',
          unit: 'short',
          queries: [{ expr: 'max by (status, reason) (store_platform_webhooks)', legend: '{{status}} {{reason}}' }],
        },
        {
          kind: 'graph',
          title: 'Attempts',
          description: 'Attempts to deliver per second, by the state of the delivery after the attempt.',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (state) (rate(store_platform_webhook_attempts_total[$__rate_interval]))',
              legend: '{{state}}',
            },
          ],
        },
        {
          kind: 'graph',
          title: 'Open deliveries',
          description: 'Deliveries that have not ended.',
          unit: 'short',
          queries: [{ expr: 'max by (state) (store_platform_webhook_deliveries_open)', legend: '{{state}}' }],
        },
        {
          kind: 'graph',
          title: 'Oldest open delivery',
          description: 'Age of the oldest delivery that has not ended. A delivery is retried for about 28 hours.',
          unit: 's',
          queries: [
            { expr: 'max by (state) (store_platform_webhook_deliveries_oldest_age_seconds)', legend: '{{state}}' },
          ],
        },
      ],
    },
  ],
};
