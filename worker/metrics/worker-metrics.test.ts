import { ApplicationFailure, CancelledFailure, type Context } from '@temporalio/activity';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { EndedOperation } from '../../domain/ports/operation-observer.ts';
import type { DeliveryRecords } from '../../domain/ports/webhook-records.ts';
import { createWorkerMetrics, type WorkerMetrics } from './worker-metrics.ts';

const MAX_SERIES = 1_500;
/** Series of the Temporal SDK on a worker that has run every workflow and activity. The stack test counts the whole page. */
const SERIES_OF_TEMPORAL = 600;

let metrics: WorkerMetrics;
beforeEach(() => {
  metrics = createWorkerMetrics({ build: 'v1', readTemporal: async () => 'temporal_page 1\n', onError: () => {} });
});

async function lines(start: string): Promise<readonly string[]> {
  return (await metrics.page()).split('\n').filter((line) => line.startsWith(start));
}

describe('an operation that has ended', () => {
  const ready: EndedOperation = {
    kind: 'provision',
    engine: 'medusa',
    outcome: 'ready',
    failure: null,
    requestedAt: new Date('2026-01-01T00:00:00Z'),
    endedAt: new Date('2026-01-01T00:01:30Z'),
  };

  test('counts as a success with the time from its request', async () => {
    metrics.operations.operationEnded(ready);
    const labels = 'kind="provision",engine="medusa",outcome="succeeded"';
    expect(await lines(`store_platform_operations_ended_total{${labels}}`)).toEqual([
      `store_platform_operations_ended_total{${labels}} 1`,
    ]);
    const histogram = 'store_platform_time_to_ready_seconds';
    expect(await lines(`${histogram}_sum{engine="medusa"}`)).toEqual([`${histogram}_sum{engine="medusa"} 90`]);
    expect(await lines(`${histogram}_bucket{le="90",engine="medusa"}`)).toEqual([
      `${histogram}_bucket{le="90",engine="medusa"} 1`,
    ]);
  });

  test('counts its failure by code and cause, and not as a time to ready', async () => {
    metrics.operations.operationEnded({
      ...ready,
      outcome: 'failed',
      failure: { code: 'CRASH_LOOP', cause: 'user' },
    });
    const labels = 'kind="provision",code="CRASH_LOOP",cause="user"';
    expect(await lines(`store_platform_operation_failures_total{${labels}}`)).toEqual([
      `store_platform_operation_failures_total{${labels}} 1`,
    ]);
    expect(await lines('store_platform_time_to_ready_seconds_count{engine="medusa"}')).toEqual([
      'store_platform_time_to_ready_seconds_count{engine="medusa"} 0',
    ]);
  });
});

describe('the interceptor of activities', () => {
  /** Runs an activity that returns `result`, or throws it if it is an error. */
  async function run(activityType: string, input: unknown, result: unknown): Promise<unknown> {
    // The interceptor reads nothing else of the context and of the input.
    const { inbound } = metrics.activities({ info: { activityType } } as Context);
    return inbound?.execute?.({ args: [input], headers: {} }, () =>
      result instanceof Error ? Promise.reject(result) : Promise.resolve(result),
    );
  }

  test('counts repaired locks, verifications and repairs, and returns the result', async () => {
    const result = { unlocked: 'rolled-back' };
    expect(await run('ensureRelease', {}, result)).toBe(result);
    const store = { engine: 'medusa' };
    await run('recordVerification', { store, check: { outcome: 'failed' } }, { recorded: true });
    await run('recordVerification', { store, check: { outcome: 'failed' } }, { recorded: false });
    await run('repairStore', { store }, { left: ['Service/web'], next: null });
    await run('recordProgress', {}, {});
    expect(await lines('store_platform_release_locks_repaired_total{method="rolled-back"}')).toEqual([
      'store_platform_release_locks_repaired_total{method="rolled-back"} 1',
    ]);
    const labels = 'engine="medusa",trigger="hourly",outcome="failed"';
    expect(await lines(`store_platform_verifications_total{${labels}}`)).toEqual([
      `store_platform_verifications_total{${labels}} 1`,
    ]);
    expect(await lines('store_platform_drift_repairs_total{outcome="partial"}')).toEqual([
      'store_platform_drift_repairs_total{outcome="partial"} 1',
    ]);
  });

  test('counts failures by their code, rethrows them, and does not count a cancellation', async () => {
    const failure = ApplicationFailure.create({ type: 'VERIFICATION_FAILED', message: 'no' });
    await expect(run('verifyStore', { store: { engine: 'medusa' } }, failure)).rejects.toBe(failure);
    await expect(run('awaitReady', {}, new TypeError('a bug'))).rejects.toThrow('a bug');
    await expect(run('awaitReady', {}, new CancelledFailure('stop'))).rejects.toThrow('stop');
    const failures = await lines('store_platform_activity_failures_total');
    expect(failures.filter((line) => !line.endsWith(' 0'))).toEqual([
      'store_platform_activity_failures_total{code="VERIFICATION_FAILED"} 1',
      'store_platform_activity_failures_total{code="INTERNAL"} 1',
    ]);
    const labels = 'engine="medusa",trigger="provision",outcome="failed"';
    expect(await lines(`store_platform_verifications_total{${labels}}`)).toEqual([
      `store_platform_verifications_total{${labels}} 1`,
    ]);
  });
});

test('counts the attempts of deliveries and the webhooks that they disable', async () => {
  type RecordAttempt = DeliveryRecords['recordAttempt'];
  const recordAttempt: RecordAttempt = async () => 'gone';
  const records = metrics.countDeliveries({ recordAttempt });
  // The counter reads the state only.
  await records.recordAttempt({ result: { state: 'failed' } } as Parameters<RecordAttempt>[0]);
  expect(await lines('store_platform_webhook_attempts_total{state="failed"}')).toEqual([
    'store_platform_webhook_attempts_total{state="failed"} 1',
  ]);
  expect(await lines('store_platform_webhooks_disabled_total{reason="gone"}')).toEqual([
    'store_platform_webhooks_disabled_total{reason="gone"} 1',
  ]);
});

test('shows the page of the Temporal SDK, and the other metrics if the SDK does not answer', async () => {
  expect(await lines('temporal_page')).toEqual(['temporal_page 1']);
  const errors: unknown[] = [];
  metrics = createWorkerMetrics({
    build: undefined,
    readTemporal: () => Promise.reject(new Error('no answer')),
    onError: (error) => errors.push(error),
  });
  expect(await lines('store_platform_helm_runs_total')).not.toEqual([]);
  expect(errors).toEqual([new Error('no answer')]);
});

test('has at most 1,500 series, together with those of the Temporal SDK', async () => {
  metrics.addPool({ totalCount: 1, idleCount: 1, waitingCount: 0, options: { max: 10 } });
  const page = await metrics.page();
  const series = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(series.length + SERIES_OF_TEMPORAL).toBeLessThanOrEqual(MAX_SERIES);
});
