import { Gauge, type Registry } from 'prom-client';
import { ENGINES } from '../../domain/engines/index.ts';
import { OPERATION_KINDS, operationSpec, type OperationStatus } from '../../domain/operations/catalogue.ts';
import { ORPHAN_KINDS } from '../../domain/orphans.ts';
import type { FleetRecords, FleetReport } from '../../domain/ports/fleet-records.ts';
import { CONDITION_TYPES } from '../../domain/store/conditions.ts';
import { isLive, STORE_STATUSES } from '../../domain/store/status.ts';
import { UNACCOUNTED_DECISIONS } from '../../domain/unaccounted.ts';
import { METRICS_PREFIX } from '../../telemetry/metrics/registry.ts';

/** A scrape does not wait longer for Postgres. It shows the report before it instead. */
const READ_TIMEOUT_MS = 500;
/** A report that is older says nothing about the present. */
const MAX_REPORT_AGE_MS = 120_000;

const OPEN_STATUSES = ['requested', 'running', 'queued', 'held'] as const satisfies readonly OperationStatus[];
const OPEN_DELIVERIES = ['pending', 'retrying'] as const;

/** Step of an operation that has not begun its first one. */
const NO_STEP = 'none';

type Labels = Readonly<Record<string, string>>;
interface FleetGauge {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Label sets that are 0 unless the report has them. */
  readonly zeros?: readonly Labels[] | ((report: FleetReport) => readonly Labels[]);
  readonly values: (report: FleetReport) => readonly (readonly [Labels, number])[];
}

const OPEN_OPERATIONS: readonly Labels[] = OPERATION_KINDS.flatMap((kind) =>
  [NO_STEP, ...operationSpec(kind).steps].flatMap((step) => OPEN_STATUSES.map((status) => ({ kind, step, status }))),
);

const GAUGES: readonly FleetGauge[] = [
  {
    name: 'fleet_report_timestamp_seconds',
    help: 'When the metrics about all stores were read from Postgres.',
    labels: [],
    values: ({ takenAtMs }) => [[{}, takenAtMs / 1_000]],
  },
  {
    name: 'stores',
    help: 'Stores that are not deleted, by engine and status.',
    labels: ['engine', 'status'],
    zeros: ENGINES.flatMap((engine) => STORE_STATUSES.filter(isLive).map((status) => ({ engine, status }))),
    values: ({ stores }) => stores.map(({ engine, status, count }) => [{ engine, status }, count]),
  },
  {
    name: 'operations',
    help: `Operations that have not ended, by kind, status and step. Step ${NO_STEP}: no step has started.`,
    labels: ['kind', 'status', 'step'],
    zeros: OPEN_OPERATIONS,
    values: ({ operations }) =>
      operations.map(({ kind, status, step, count }) => [{ kind, status, step: step ?? NO_STEP }, count]),
  },
  {
    name: 'operations_oldest_age_seconds',
    help: 'Time since the oldest request among the operations that have not ended, by kind, status and step.',
    labels: ['kind', 'status', 'step'],
    zeros: OPEN_OPERATIONS,
    values: ({ operations }) =>
      operations.map(({ kind, status, step, oldestSeconds }) => [
        { kind, status, step: step ?? NO_STEP },
        oldestSeconds,
      ]),
  },
  {
    name: 'store_conditions',
    help: 'Stores for which a condition holds, by its type.',
    labels: ['type'],
    zeros: CONDITION_TYPES.map((type) => ({ type })),
    values: ({ conditions }) => conditions.map(({ type, count }) => [{ type }, count]),
  },
  {
    name: 'stores_drifted',
    help: 'Ready stores that differ from their release. needs_operator: whether only an operator can repair an object.',
    labels: ['needs_operator'],
    zeros: [{ needs_operator: 'true' }, { needs_operator: 'false' }],
    values: ({ drifted }) => drifted.map((drift) => [{ needs_operator: String(drift.needsOperator) }, drift.count]),
  },
  {
    name: 'stores_serving',
    help: 'Ready stores that serve traffic. On simulated nodes, stores serve none.',
    labels: ['engine'],
    zeros: ENGINES.map((engine) => ({ engine })),
    values: ({ serving }) => serving.map(({ engine, count }) => [{ engine }, count]),
  },
  {
    name: 'stores_verified',
    help: 'Stores that serve traffic and whose last verification passed less than two hours ago.',
    labels: ['engine'],
    zeros: ENGINES.map((engine) => ({ engine })),
    values: ({ serving }) => serving.map(({ engine, verified }) => [{ engine }, verified]),
  },
  {
    name: 'stores_degraded',
    help: 'Stores that serve traffic and whose newest verification failed.',
    labels: ['engine'],
    zeros: ENGINES.map((engine) => ({ engine })),
    values: ({ serving }) => serving.map(({ engine, degraded }) => [{ engine }, degraded]),
  },
  {
    name: 'verification_oldest_age_seconds',
    help: 'Time since the last verification that passed, of the store for which it is longest.',
    labels: ['engine'],
    zeros: ENGINES.map((engine) => ({ engine })),
    values: ({ serving }) => serving.map(({ engine, oldestSeconds }) => [{ engine }, oldestSeconds ?? 0]),
  },
  {
    name: 'orphans',
    help: 'Objects in a cluster that belong to no store, by kind. due: whether their grace period is over.',
    labels: ['cluster', 'kind', 'due'],
    zeros: ({ clusters }) =>
      clusters.flatMap(({ cluster }) =>
        ORPHAN_KINDS.flatMap((kind) => ['true', 'false'].map((due) => ({ cluster, kind, due }))),
      ),
    values: ({ orphans }) =>
      orphans.map(({ cluster, kind, isDue, count }) => [{ cluster, kind, due: String(isDue) }, count]),
  },
  {
    name: 'unaccounted_namespaces',
    help: 'Namespaces with data whose stores have no record, by decision. none: an operator must decide.',
    labels: ['decision'],
    zeros: ['none', ...UNACCOUNTED_DECISIONS].map((decision) => ({ decision })),
    values: ({ unaccounted }) => unaccounted.map(({ decision, count }) => [{ decision: decision ?? 'none' }, count]),
  },
  {
    name: 'removals_paused',
    help: '1 while the reconciler removes nothing, because the database may have been restored.',
    labels: [],
    values: ({ areRemovalsPaused }) => [[{}, areRemovalsPaused ? 1 : 0]],
  },
  {
    name: 'pass_completed_timestamp_seconds',
    help: 'When a pass over all ready stores of a cluster last reached all of them. It is missing until the first pass has.',
    labels: ['cluster', 'pass'],
    values: ({ passes }) =>
      passes.map(({ cluster, pass, completedAtSeconds }) => [{ cluster, pass }, completedAtSeconds]),
  },
  {
    name: 'cluster_stores',
    help: 'Stores in a cluster that are not deleted.',
    labels: ['cluster'],
    values: ({ clusters }) => clusters.map(({ cluster, stores }) => [{ cluster }, stores]),
  },
  {
    name: 'cluster_reachable',
    help: '1 if a worker has reached the Kubernetes API of the cluster in the last two minutes.',
    labels: ['cluster'],
    values: ({ clusters }) => clusters.map(({ cluster, isReachable }) => [{ cluster }, isReachable ? 1 : 0]),
  },
  {
    name: 'webhooks',
    help: 'Webhooks by status, and by the reason why one is disabled.',
    labels: ['status', 'reason'],
    zeros: [
      { status: 'enabled', reason: '' },
      { status: 'disabled', reason: 'failing' },
      { status: 'disabled', reason: 'gone' },
      { status: 'disabled', reason: 'requested' },
    ],
    values: ({ webhooks }) => webhooks.map(({ status, reason, count }) => [{ status, reason: reason ?? '' }, count]),
  },
  {
    name: 'webhook_deliveries_open',
    help: 'Deliveries to webhooks that have not ended, by state.',
    labels: ['state'],
    zeros: OPEN_DELIVERIES.map((state) => ({ state })),
    values: ({ deliveries }) => deliveries.map(({ state, count }) => [{ state }, count]),
  },
  {
    name: 'webhook_deliveries_oldest_age_seconds',
    help: 'Age of the oldest delivery that has not ended, by state.',
    labels: ['state'],
    zeros: OPEN_DELIVERIES.map((state) => ({ state })),
    values: ({ deliveries }) => deliveries.map(({ state, oldestSeconds }) => [{ state }, oldestSeconds]),
  },
];

/** Names of the metrics about all stores. */
export const FLEET_METRICS: readonly string[] = GAUGES.map(({ name }) => `${METRICS_PREFIX}${name}`);

/**
 * Adds the metrics about all stores. Every API process reports the same values.
 *
 * @returns a function that reads the report before a scrape. It takes at most half a second and never rejects: without a
 *   report, the page has the other metrics only.
 */
export function addFleetMetrics(
  registry: Registry,
  {
    fleet,
    onError,
  }: {
    readonly fleet: FleetRecords;
    readonly onError: (error: unknown) => void;
  },
): () => Promise<void> {
  const gauges = GAUGES.map((definition) => ({
    ...definition,
    gauge: new Gauge({
      name: `${METRICS_PREFIX}${definition.name}`,
      help: definition.help,
      labelNames: definition.labels,
      registers: [registry],
    }),
  }));
  let reading: Promise<void> | undefined;
  let newest: FleetReport | undefined;

  async function read(): Promise<void> {
    try {
      newest = await fleet.read();
    } catch (error) {
      onError(error);
    } finally {
      reading = undefined;
    }
  }

  return async function refresh(): Promise<void> {
    reading ??= read();
    await within(reading, READ_TIMEOUT_MS);
    const report = newest !== undefined && Date.now() - newest.takenAtMs < MAX_REPORT_AGE_MS ? newest : undefined;
    for (const { gauge, zeros = [], values } of gauges) {
      gauge.reset();
      if (report === undefined) continue;
      for (const labels of typeof zeros === 'function' ? zeros(report) : zeros) gauge.set(labels, 0);
      for (const [labels, value] of values(report)) gauge.set(labels, value);
    }
  };
}

/** Resolves with `work`, or after the time. */
async function within(work: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}
