import type { StoreStatus } from '../../domain/store/status.ts';
import type { EventDraft } from '../stores/events.ts';
import { roundKey, runKey } from './run.ts';
import type { Step } from '../../domain/operations/catalogue.ts';
import type { OperationRun } from '../../domain/operations/inputs.ts';
import type { OperationFailure, StepRecord, UndoReport } from '../../domain/operations/outcomes.ts';

/*
 * The events of steps and undos. A progress report and the end of an operation may contain the same event. Its dedupe
 * key has the run, round, step and phase, so the event is written once.
 */

export function stepStarted(run: OperationRun, step: Step, status: StoreStatus): EventDraft {
  return {
    type: 'step.started',
    dedupeKey: `${roundKey(run)}/${step}/started`,
    status,
    step,
    message: `Step ${step} started`,
  };
}

export function stepCompleted(run: OperationRun, completed: StepRecord, status: StoreStatus): EventDraft {
  const { step, durationMs, data } = completed;
  return {
    type: 'step.completed',
    dedupeKey: `${roundKey(run)}/${step}/completed`,
    status,
    step,
    message: `Step ${step} completed`,
    data: { ...data, durationMs },
  };
}

/** Returns no event for a failure between two steps: the event that ends the operation reports it. */
export function stepFailed(run: OperationRun, failure: OperationFailure, status: StoreStatus): EventDraft[] {
  const { step, code, message, evidence } = failure;
  if (step === null) return [];
  return [
    {
      type: 'step.failed',
      dedupeKey: `${roundKey(run)}/${step}/failed`,
      status,
      step,
      message: `Step ${step} failed: ${message}`,
      data: { code, evidence },
    },
  ];
}

export function undoStarted(run: OperationRun, status: StoreStatus): EventDraft {
  return {
    type: 'undo.started',
    dedupeKey: `${runKey(run)}/undo/started`,
    status,
    message: 'The undo of the steps started, newest step first',
  };
}

export function undoEvents(run: OperationRun, { undone, leftBehind }: UndoReport, status: StoreStatus): EventDraft[] {
  if (undone.length + leftBehind.length === 0) return [];
  return [
    undoStarted(run, status),
    ...undone.map((undo): EventDraft => ({
      type: 'undo.completed',
      dedupeKey: `${runKey(run)}/undo/${undo}/completed`,
      status,
      message: `Undo of ${undo} completed`,
      data: { undo },
    })),
    ...leftBehind.map((undo): EventDraft => ({
      type: 'undo.failed',
      dedupeKey: `${runKey(run)}/undo/${undo}/failed`,
      status,
      message: `Undo of ${undo} failed`,
      data: { undo },
    })),
  ];
}
