import { ApplicationFailure, type Context } from '@temporalio/activity';
import { defaultPayloadConverter } from '@temporalio/common';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { TRACE_HEADER } from '../../domain/trace-context.ts';
import {
  CALLER,
  CALLER_SPAN_ID,
  CALLER_TRACE_ID,
  startTestTracing,
  type TestTracing,
} from '../../test/harness/test-tracing.ts';
import { traceActivities } from './trace-activities.ts';

const RUN = { workflowId: 'store/1', runId: 'r-1' };
const INPUT = {
  store: { storeId: 's-1', tenantId: 't-1', name: 'Acme Shoes' },
  run: { kind: 'provision', correlationId: 'c-1' },
};

let tracing: TestTracing;
beforeEach(async () => {
  tracing = await startTestTracing();
});
afterEach(() => tracing.receiver.close());

/** Runs an activity of a run with the header, and returns the attributes of the lines that the SDK logs after it. */
async function run(header: unknown, activity: () => Promise<unknown>): Promise<Record<string, unknown>> {
  const info = { activityType: 'ensureRelease', activityId: '7', attempt: 2, workflowExecution: RUN };
  // The interceptor reads nothing else of the context.
  const { inbound, outbound } = traceActivities(tracing)({ info } as Context);
  const headers = header === undefined ? {} : { [TRACE_HEADER]: defaultPayloadConverter.toPayload(header) };
  await inbound?.execute?.({ args: [INPUT], headers }, activity).catch(() => undefined);
  return outbound?.getLogAttributes?.({}, () => ({ activityId: '7' })) ?? {};
}

test('an attempt of an activity is a span below its run', async () => {
  const logged = await run(CALLER, async () => tracing.logFields());
  const [span] = await tracing.recorded();
  expect(span).toMatchObject({
    name: 'RunActivity:ensureRelease',
    traceId: CALLER_TRACE_ID,
    parentSpanId: CALLER_SPAN_ID,
    status: { code: 0 },
  });
  // Nothing else of the input, which has values that users write.
  expect(span?.attributes).toEqual({
    temporalWorkflowId: 'store/1',
    temporalRunId: 'r-1',
    temporalActivityId: '7',
    'temporal.attempt': 2,
    'store_platform.store_id': 's-1',
    'store_platform.tenant_id': 't-1',
    'store_platform.operation': 'provision',
    'store_platform.correlation_id': 'c-1',
  });
  expect(logged).toEqual({ activityId: '7', traceId: CALLER_TRACE_ID, spanId: span?.spanId });
});

test('a failed attempt has the failure code', async () => {
  await run(CALLER, () =>
    Promise.reject(ApplicationFailure.create({ type: 'RELEASE_FAILED', message: 'no such chart' })),
  );
  const [span] = await tracing.recorded();
  expect(span?.attributes).toMatchObject({ 'error.type': 'RELEASE_FAILED' });
  expect(span?.status).toEqual({ code: 2, message: 'no such chart' });
});

test.each([undefined, 'nonsense', {}])('an activity of a run with the header %j is no span', async (header) => {
  let hasRun = false;
  expect(await run(header, async () => (hasRun = true))).toEqual({ activityId: '7' });
  expect(hasRun).toBe(true);
  expect(await tracing.recorded()).toEqual([]);
});
