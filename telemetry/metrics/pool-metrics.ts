import { Gauge, type Registry } from 'prom-client';
import { METRICS_PREFIX } from './registry.ts';

/** The part of a connection pool that the metrics read. */
export interface ObservedPool {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
  readonly options: { readonly max: number };
}

/** Adds the metrics of the connection pool of a process. */
export function addPoolMetrics(registry: Registry, pool: ObservedPool): void {
  const registers = [registry];
  const connections = new Gauge({
    name: `${METRICS_PREFIX}database_connections`,
    help: 'Connections of the pool to Postgres, by state: active or idle.',
    labelNames: ['state'],
    registers,
    collect: () => {
      connections.set({ state: 'active' }, pool.totalCount - pool.idleCount);
      connections.set({ state: 'idle' }, pool.idleCount);
    },
  });
  const max: Gauge = new Gauge({
    name: `${METRICS_PREFIX}database_connections_max`,
    help: 'Maximum number of connections of the pool (DB_POOL_SIZE).',
    registers,
    collect: () => max.set(pool.options.max),
  });
  const waiting: Gauge = new Gauge({
    name: `${METRICS_PREFIX}database_waiting_queries`,
    help: 'Queries that wait for a connection of the pool.',
    registers,
    collect: () => waiting.set(pool.waitingCount),
  });
}
