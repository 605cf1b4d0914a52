import { expect, test } from '@jest/globals';
import { contextOfRun, traceContextFrom, traceIdsOf } from './trace-context.ts';

const CALLER = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', tracestate: 'vendor=1' };
const RUN_ID = '019ab3c1-7d30-7e52-9c6b-0123456789ab';

test('the span of a run is below its caller, with an id that follows from the id of the run', () => {
  const run = contextOfRun(CALLER, RUN_ID);
  expect(run).toEqual({
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-9c6b0123456789ab-01',
    tracestate: 'vendor=1',
  });
  expect(traceIdsOf(run)).toEqual({ traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '9c6b0123456789ab' });
});

test('a run keeps the decision of its caller not to record the trace', () => {
  const caller = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00' };
  expect(contextOfRun(caller, RUN_ID)).toEqual({
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-9c6b0123456789ab-00',
  });
});

test.each([undefined, null, 'text', 7, {}, { traceparent: 7 }, { traceparent: '00-xyz-01' }, { tracestate: 'a=b' }])(
  '%j is no trace context',
  (value) => {
    expect(traceContextFrom(value)).toBeUndefined();
  },
);

test('only the fields of a trace context are read', () => {
  expect(traceContextFrom({ ...CALLER, baggage: 'user=1' })).toEqual(CALLER);
});
