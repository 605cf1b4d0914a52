import type { Panel } from './dashboard.ts';

/** Returns the panels that every process has: its connections and the process itself. */
export function processPanels(service: 'api' | 'worker'): readonly Panel[] {
  /** Selects the processes of the service. Node and the operating system do not know it. */
  const ofService = (expr: string): string =>
    `${expr} * on (job, instance) group_left () max by (job, instance) (store_platform_build_info{service="${service}"})`;
  return [
    {
      kind: 'graph',
      title: 'Database connections',
      description: 'Connections of the pool, their maximum, and queries that wait for one.',
      unit: 'short',
      queries: [
        { expr: ofService('store_platform_database_connections'), legend: '{{instance}} {{state}}' },
        { expr: ofService('store_platform_database_connections_max'), legend: '{{instance}} max' },
        { expr: ofService('store_platform_database_waiting_queries'), legend: '{{instance}} waiting queries' },
      ],
    },
    {
      kind: 'graph',
      title: 'Event loop',
      description:
        'Time by which timers are late. More than a tenth of a second means that the process has too little processor time.',
      unit: 's',
      queries: [{ expr: ofService('nodejs_eventloop_lag_p99_seconds'), legend: '{{instance}} p99' }],
    },
    {
      kind: 'graph',
      title: 'Processor',
      description: 'Processors in use.',
      unit: 'short',
      queries: [{ expr: ofService('rate(process_cpu_seconds_total[$__rate_interval])'), legend: '{{instance}}' }],
    },
    {
      kind: 'graph',
      title: 'Memory',
      description: 'Memory of the process, and the part of it that is the heap of JavaScript.',
      unit: 'bytes',
      queries: [
        { expr: ofService('process_resident_memory_bytes'), legend: '{{instance}} resident' },
        { expr: ofService('nodejs_heap_size_used_bytes'), legend: '{{instance}} heap' },
      ],
    },
    {
      kind: 'graph',
      title: 'Open files',
      description: 'File descriptors: each connection has one.',
      unit: 'short',
      queries: [{ expr: ofService('process_open_fds'), legend: '{{instance}}' }],
    },
  ];
}
