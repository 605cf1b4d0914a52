import { medianAndP95, type Dashboard } from './dashboard.ts';

const LINKS = `No metric has a label with the id of a store: with 10,000 stores there would be too many series. The facts about **one** store are in its record, its
events and its run. Enter the id of the store above, then open:

| | |
|---|---|
| record, with status, failure and conditions | [$api/api/stores/$store]($api/api/stores/$store) |
| events | [$api/api/stores/$store/events]($api/api/stores/$store/events) |
| operations | [$api/api/stores/$store/operations]($api/api/stores/$store/operations) |
| run in Temporal | [$temporal_ui]($temporal_ui/namespaces/$namespace/workflows/store%2F$store) |

The panels below show all stores of the same engine. Compare the store with them: for example \`durationMs\` of its event \`step.completed\` with the
duration of the same step here.`;

const OF_ENGINE = '{engine="$engine"}';

export const STORE: Dashboard = {
  name: 'store',
  title: 'Store platform: one store',
  description: 'Links to the facts about one store, and the normal values of its engine.',
  variables: [
    { kind: 'text', name: 'store', label: 'Store id', value: '' },
    { kind: 'choice', name: 'engine', label: 'Engine', values: ['woocommerce', 'medusa'] },
    { kind: 'text', name: 'api', label: 'Address of the API', value: 'http://127.0.0.1:3001' },
    { kind: 'text', name: 'temporal_ui', label: 'Address of the Temporal Web UI', value: 'http://127.0.0.1:8233' },
    { kind: 'text', name: 'namespace', label: 'Temporal namespace', value: 'default' },
  ],
  rows: [
    { title: 'The store', panels: [{ kind: 'text', title: 'Facts about the store', text: LINKS }] },
    {
      title: 'All stores of the engine',
      panels: [
        {
          kind: 'graph',
          title: 'Time to ready',
          description: 'From the request until the store is ready.',
          unit: 's',
          queries: medianAndP95('store_platform_time_to_ready_seconds', { where: OF_ENGINE }),
        },
        {
          kind: 'graph',
          title: 'Duration of steps',
          description: 'Completed steps of all operations.',
          unit: 's',
          queries: medianAndP95('store_platform_step_duration_seconds', { by: ['kind', 'step'], where: OF_ENGINE }),
        },
        {
          kind: 'graph',
          title: 'Ended operations',
          description: 'Operations that ended per second.',
          unit: 'short',
          queries: [
            {
              expr: `sum by (kind, outcome) (rate(store_platform_operations_ended_total${OF_ENGINE}[$__rate_interval]))`,
              legend: '{{kind}} {{outcome}}',
            },
          ],
        },
        {
          kind: 'graph',
          title: 'Stores by status',
          description: 'Stores of the engine that are not deleted.',
          unit: 'short',
          queries: [{ expr: `max by (status) (store_platform_stores${OF_ENGINE})`, legend: '{{status}}' }],
        },
        {
          kind: 'graph',
          title: 'Verifications',
          description: 'Verifications per second.',
          unit: 'short',
          queries: [
            {
              expr: `sum by (trigger, outcome) (rate(store_platform_verifications_total${OF_ENGINE}[$__rate_interval]))`,
              legend: '{{trigger}} {{outcome}}',
            },
          ],
        },
      ],
    },
  ],
};
