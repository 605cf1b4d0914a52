import { Counter, Histogram, type Registry } from 'prom-client';
import { ENGINES } from '../../domain/engines/index.ts';
import { FAILURE_CAUSES, FAILURE_CODES } from '../../domain/failure.ts';
import { OPERATION_KINDS, operationSpec } from '../../domain/operations/catalogue.ts';
import type { OperationObserver } from '../../domain/ports/operation-observer.ts';
import { METRICS_PREFIX } from '../../telemetry/metrics/registry.ts';

/** On a real node a store needs about 20 s, with image pulls 60 s; a cluster that adds a node needs minutes. */
const READY_BUCKETS_SECONDS = [2, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1_800];
const STEP_BUCKETS_SECONDS = [0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60, 120, 300, 900];

/** Adds the metrics of operations that this process has ended. */
export function addOperationMetrics(registry: Registry): OperationObserver {
  const registers = [registry];
  const ready = new Histogram({
    name: `${METRICS_PREFIX}time_to_ready_seconds`,
    help: 'Time from the request of a provision until its store is ready, by engine. It includes waits for a slot and holds.',
    labelNames: ['engine'],
    buckets: READY_BUCKETS_SECONDS,
    registers,
  });
  const steps = new Histogram({
    name: `${METRICS_PREFIX}step_duration_seconds`,
    help: 'Duration of completed steps, by kind of the operation, engine and step.',
    labelNames: ['kind', 'engine', 'step'],
    buckets: STEP_BUCKETS_SECONDS,
    registers,
  });
  const ended = new Counter({
    name: `${METRICS_PREFIX}operations_ended_total`,
    help: 'Operations that have ended, by kind, engine and outcome: succeeded, failed or cancelled.',
    labelNames: ['kind', 'engine', 'outcome'],
    registers,
  });
  const failures = new Counter({
    name: `${METRICS_PREFIX}operation_failures_total`,
    help: 'Operations that have failed, by kind, failure code and cause: the platform, or the request of the user.',
    labelNames: ['kind', 'code', 'cause'],
    registers,
  });
  // Without a zero, the first failure would not be an increase.
  for (const kind of OPERATION_KINDS) {
    for (const engine of ENGINES) {
      for (const outcome of ['succeeded', 'failed', 'cancelled']) ended.inc({ kind, engine, outcome }, 0);
      for (const step of operationSpec(kind).steps) steps.zero({ kind, engine, step });
    }
    for (const code of FAILURE_CODES) for (const cause of FAILURE_CAUSES) failures.inc({ kind, code, cause }, 0);
  }
  for (const engine of ENGINES) ready.zero({ engine });
  return {
    stepCompleted: ({ durationMs, ...labels }) => steps.observe(labels, durationMs / 1_000),
    operationEnded: ({ kind, engine, outcome, failure, requestedAt, endedAt }) => {
      if (outcome === 'ready') ready.observe({ engine }, (endedAt.getTime() - requestedAt.getTime()) / 1_000);
      if (failure !== null) failures.inc({ kind, ...failure });
      ended.inc({ kind, engine, outcome: outcome === 'ready' || outcome === 'deleted' ? 'succeeded' : outcome });
    },
  };
}
