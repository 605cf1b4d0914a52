import type { Operation, StoreEvent } from '@store-platform/client';
import { STEPS, type EventType, type Step } from './catalogue.ts';

/**
 * - `waiting`: not started.
 * - `running`, `done`, `failed`: as the last attempt.
 * - `held`: it failed, and the operation waits for an operator.
 * - `skipped`: it did nothing, for a reason.
 * - `stopped`: the operation ended or was cancelled in the middle of it.
 */
export type StepState = 'waiting' | 'running' | 'done' | 'skipped' | 'failed' | 'held' | 'stopped';

/** One attempt of a step. A step has more than one when an operation was continued or its run was replaced. */
export interface Attempt {
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly outcome: 'running' | 'done' | 'skipped' | 'failed' | 'stopped';
  /** Why the attempt failed, or why the step was skipped. */
  readonly reason: string | null;
  /** Code of the failure. */
  readonly code: string | null;
}

export interface TimelineStep {
  readonly step: Step;
  readonly state: StepState;
  readonly attempts: readonly Attempt[];
}

/** An undo of what a step has made. */
export interface UndoneStep {
  readonly name: string;
  readonly isDone: boolean;
  readonly at: string;
}

export interface Timeline {
  readonly steps: readonly TimelineStep[];
  /** Null: nothing is undone. */
  readonly undo: { readonly startedAt: string; readonly steps: readonly UndoneStep[] } | null;
  /** Workflow runs of the operation. More than one: a run was lost or reset, and another one took its place. */
  readonly runs: number;
}

/** The facts of an operation that its timeline needs. */
export type TimelineOperation = Pick<Operation, 'operationId' | 'kind' | 'status' | 'endedAt' | 'deletePlan'>;

interface Draft {
  readonly attempts: Map<Step, Attempt[]>;
  undo: { startedAt: string; steps: UndoneStep[] } | null;
  runs: number;
}

/**
 * Returns the course of an operation from the events of its store.
 *
 * @param events In the order of `seq`. Those of other operations are left out.
 */
export function timelineOf(operation: TimelineOperation, events: readonly StoreEvent[]): Timeline {
  const draft: Draft = { attempts: new Map(), undo: null, runs: 0 };
  for (const event of events) if (event.operationId === operation.operationId) EFFECTS[event.type]?.(draft, event);
  const { endedAt } = operation;
  if (endedAt !== null) stopOpenAttempts(draft, endedAt);
  const steps = stepsOf(operation, draft).map((step): TimelineStep => {
    const attempts = draft.attempts.get(step) ?? [];
    return { step, attempts, state: stateOf(attempts.at(-1), operation) };
  });
  return { steps, undo: draft.undo, runs: draft.runs };
}

/** Effect of each type of event on the timeline. All other types have none. */
const EFFECTS: Partial<Record<EventType, (draft: Draft, event: StoreEvent) => void>> = {
  'operation.started': (draft, { at }) => {
    draft.runs += 1;
    stopOpenAttempts(draft, at);
  },
  'step.started': (draft, { step, at }) => {
    if (step === null) return;
    stopOpenAttempts(draft, at);
    attemptsOf(draft, step).push(begun(at));
  },
  'step.completed': (draft, event) => endAttempt(draft, completed(event.data), event),
  'step.failed': (draft, event) => endAttempt(draft, failed(event), event),
  'undo.started': (draft, { at }) => {
    stopOpenAttempts(draft, at);
    draft.undo ??= { startedAt: at, steps: [] };
  },
  'undo.completed': (draft, event) => addUndone(draft, event, true),
  'undo.failed': (draft, event) => addUndone(draft, event, false),
};

function addUndone(draft: Draft, { at, data }: StoreEvent, isDone: boolean): void {
  draft.undo ??= { startedAt: at, steps: [] };
  draft.undo.steps.push({ name: textOf(data['undo']) ?? '', isDone, at });
}

function begun(startedAt: string): Attempt {
  return { startedAt, endedAt: null, outcome: 'running', reason: null, code: null };
}

type End = Pick<Attempt, 'outcome' | 'reason' | 'code'>;

function completed(data: StoreEvent['data']): End {
  const isSkipped = data['outcome'] === 'skipped';
  return { outcome: isSkipped ? 'skipped' : 'done', reason: isSkipped ? textOf(data['reason']) : null, code: null };
}

function failed({ step, message, data }: StoreEvent): End {
  return { outcome: 'failed', reason: message.replace(`Step ${step} failed: `, ''), code: textOf(data['code']) };
}

/** The event of an end may arrive without that of its start: a step of a lost run, or the last step of an operation. */
function endAttempt(draft: Draft, end: End, { step, at, data }: StoreEvent): void {
  if (step === null) return;
  const attempts = attemptsOf(draft, step);
  const open = attempts.at(-1)?.outcome === 'running' ? attempts.pop() : undefined;
  const durationMs = typeof data['durationMs'] === 'number' ? data['durationMs'] : 0;
  const startedAt = open?.startedAt ?? new Date(Date.parse(at) - durationMs).toISOString();
  attempts.push({ startedAt, endedAt: at, ...end });
}

function stopOpenAttempts({ attempts }: Draft, at: string): void {
  for (const list of attempts.values()) {
    const last = list.at(-1);
    if (last?.outcome === 'running') list[list.length - 1] = { ...last, endedAt: at, outcome: 'stopped' };
  }
}

function attemptsOf({ attempts }: Draft, step: Step): Attempt[] {
  const known = attempts.get(step) ?? [];
  attempts.set(step, known);
  return known;
}

/** The undelete window is a step only of a delete that has one. */
function stepsOf({ kind, deletePlan }: TimelineOperation, { attempts }: Draft): readonly Step[] {
  const steps: readonly Step[] = STEPS[kind];
  const hasWindow = (deletePlan?.undeleteWindowSeconds ?? 0) > 0;
  return steps.filter((step) => step !== 'undelete-window' || hasWindow || attempts.has(step));
}

function stateOf(last: Attempt | undefined, { status }: TimelineOperation): StepState {
  if (last === undefined) return 'waiting';
  return last.outcome === 'failed' && status === 'held' ? 'held' : last.outcome;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
