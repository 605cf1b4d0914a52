import { medianAndP95, type Dashboard } from './dashboard.ts';
import { processPanels } from './process-panels.ts';

export const WORKER: Dashboard = {
  name: 'worker',
  title: 'Store platform: worker',
  description: 'Helm, activities and processes of the workers.',
  rows: [
    {
      title: 'Work',
      panels: [
        {
          kind: 'graph',
          title: 'Helm runs',
          description: 'Runs of Helm per second.',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (command, outcome) (rate(store_platform_helm_runs_total[$__rate_interval]))',
              legend: '{{command}} {{outcome}}',
            },
          ],
        },
        {
          kind: 'graph',
          title: 'Duration of Helm runs',
          description: 'An install takes one to two seconds on an idle machine.',
          unit: 's',
          queries: medianAndP95('store_platform_helm_run_duration_seconds', { by: ['command'] }),
        },
        {
          kind: 'graph',
          title: 'Repaired locks',
          description: 'Locks that a killed Helm had left on a release, in the last hour.',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (method) (increase(store_platform_release_locks_repaired_total[1h]))',
              legend: '{{method}}',
            },
          ],
        },
        {
          kind: 'graph',
          title: 'Failed attempts of activities',
          description: 'Attempts that failed per second, by failure code. Temporal repeats most of them.',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (code) (rate(store_platform_activity_failures_total[$__rate_interval])) > 0',
              legend: '{{code}}',
            },
          ],
        },
        {
          kind: 'graph',
          title: 'Duration of steps',
          description: 'Completed steps of all operations.',
          unit: 's',
          queries: medianAndP95('store_platform_step_duration_seconds', { by: ['kind', 'step'] }),
        },
      ],
    },
    { title: 'Processes', panels: processPanels('worker') },
  ],
};
