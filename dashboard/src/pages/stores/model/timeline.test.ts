import { describe, expect, test } from '@jest/globals';
import { atSecond, inOrder, storeEvent } from './testing/events.ts';
import { timelineOf, type Timeline, type TimelineOperation } from './timeline.ts';

const RUNNING: TimelineOperation = {
  operationId: 'operation',
  kind: 'provision',
  status: 'running',
  endedAt: null,
  deletePlan: null,
};

const STARTED = storeEvent('operation.started');

function started(step: 'prepare-namespace' | 'ensure-secrets' | 'verify' | 'await-ready') {
  return storeEvent('step.started', { step });
}

function completed(step: 'prepare-namespace' | 'ensure-secrets' | 'verify', data = {}) {
  return storeEvent('step.completed', { step, data: { durationMs: 500, ...data } });
}

function failed(step: 'ensure-secrets' | 'verify') {
  const data = { code: 'CHART_INVALID' };
  return storeEvent('step.failed', { step, message: `Step ${step} failed: the chart is not valid`, data });
}

function statesOf({ steps }: Timeline): string {
  return steps.map(({ state }) => state).join(' ');
}

describe('timelineOf', () => {
  test('shows all steps of an operation that has not begun', () => {
    expect(statesOf(timelineOf(RUNNING, []))).toBe('waiting waiting waiting waiting waiting');
  });

  test('shows the steps that have ended and the one that runs', () => {
    const events = inOrder(
      STARTED,
      started('prepare-namespace'),
      completed('prepare-namespace'),
      started('ensure-secrets'),
    );
    const timeline = timelineOf(RUNNING, events);
    expect(statesOf(timeline)).toBe('done running waiting waiting waiting');
    expect(timeline.steps[0]?.attempts).toEqual([
      { startedAt: atSecond(2), endedAt: atSecond(3), outcome: 'done', reason: null, code: null },
    ]);
  });

  test('ignores the events of other operations', () => {
    const other = { ...started('verify'), operationId: 'another' };
    expect(statesOf(timelineOf(RUNNING, inOrder(STARTED, other)))).toBe('waiting waiting waiting waiting waiting');
  });

  test('says why a step was skipped', () => {
    const skip = completed('verify', { outcome: 'skipped', reason: 'the nodes are simulated' });
    const timeline = timelineOf(RUNNING, inOrder(STARTED, started('verify'), skip));
    expect(timeline.steps.at(-1)).toMatchObject({
      state: 'skipped',
      attempts: [{ reason: 'the nodes are simulated' }],
    });
  });

  test('takes the time of a step from its duration when its start is unknown', () => {
    const timeline = timelineOf(RUNNING, inOrder(completed('verify')));
    expect(timeline.steps.at(-1)?.attempts[0]?.startedAt).toBe(new Date(Date.parse(atSecond(1)) - 500).toISOString());
  });

  test('shows the step at which an operation is held, and its repetition', () => {
    const events = [STARTED, started('ensure-secrets'), failed('ensure-secrets'), storeEvent('operation.held')];
    const held = timelineOf({ ...RUNNING, status: 'held' }, inOrder(...events));
    expect(held.steps[1]).toMatchObject({
      state: 'held',
      attempts: [{ outcome: 'failed', reason: 'the chart is not valid', code: 'CHART_INVALID' }],
    });
    const again = inOrder(...events, storeEvent('operation.continued'), started('ensure-secrets'));
    const timeline = timelineOf(RUNNING, again);
    expect(timeline.steps[1]?.state).toBe('running');
    expect(timeline.steps[1]?.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'running']);
  });

  test('shows what an operation that failed has undone', () => {
    const undone = storeEvent('undo.completed', { data: { undo: 'namespace' } });
    const left = storeEvent('undo.failed', { data: { undo: 'release' } });
    const events = inOrder(
      STARTED,
      started('ensure-secrets'),
      failed('ensure-secrets'),
      storeEvent('undo.started'),
      left,
      undone,
    );
    const timeline = timelineOf({ ...RUNNING, status: 'failed', endedAt: atSecond(9) }, events);
    expect(timeline.steps[1]?.state).toBe('failed');
    expect(timeline.undo).toEqual({
      startedAt: atSecond(4),
      steps: [
        { name: 'release', isDone: false, at: atSecond(5) },
        { name: 'namespace', isDone: true, at: atSecond(6) },
      ],
    });
  });

  test('stops the step in whose middle an operation was cancelled', () => {
    const events = inOrder(STARTED, started('await-ready'));
    const timeline = timelineOf({ ...RUNNING, status: 'cancelled', endedAt: atSecond(9) }, events);
    expect(timeline.steps[3]).toMatchObject({ state: 'stopped', attempts: [{ endedAt: atSecond(9) }] });
  });

  test('counts the runs that took the operation up', () => {
    const events = inOrder(STARTED, started('verify'), STARTED, started('verify'));
    const timeline = timelineOf(RUNNING, events);
    expect(timeline.runs).toBe(2);
    expect(timeline.steps.at(-1)?.attempts.map(({ outcome }) => outcome)).toEqual(['stopped', 'running']);
  });

  test('leaves the undelete window out of a delete without one', () => {
    const deletion = { ...RUNNING, kind: 'delete' } as const;
    const stepsOf = (operation: TimelineOperation) => timelineOf(operation, []).steps.map(({ step }) => step);
    expect(stepsOf(deletion)).not.toContain('undelete-window');
    const deletePlan = { undeleteWindowSeconds: 60, volumePolicy: 'delete' } as const;
    expect(stepsOf({ ...deletion, deletePlan })).toContain('undelete-window');
  });
});
