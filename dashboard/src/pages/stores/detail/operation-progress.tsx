import type { ExpectedDuration, OperationDetail } from '@store-platform/client';
import { clsx } from 'clsx';
import type { ReactNode } from 'react';
import { formatDuration } from '../../../text/format.ts';
import { useLanguage } from '../../../text/language.tsx';
import { useTexts } from '../../../text/texts.ts';
import { Icon } from '../../../ui/icon.tsx';
import { Time } from '../../../ui/time.tsx';
import { useNow } from '../../../ui/use-now.ts';
import { progressOf } from '../model/progress.ts';
import type { Timeline } from '../model/timeline.ts';
import { detailOfWait } from '../model/wait.ts';
import { LABELS } from '../texts/labels.ts';
import { TIMELINE_TEXTS } from './timeline-texts.ts';

const TICK_MS = 1_000;

/** Shows how far an operation is, and what it waits for now. */
export function OperationProgress({
  operation,
  timeline,
}: {
  readonly operation: OperationDetail;
  readonly timeline: Timeline;
}) {
  return (
    <div className="mb-4 grid gap-3">
      <ProgressBar operation={operation} timeline={timeline} />
      <Waiting operation={operation} />
      <Retrying retry={operation.retry} />
      <CurrentStep timeline={timeline} />
    </div>
  );
}

function ProgressBar({ operation, timeline }: { readonly operation: OperationDetail; readonly timeline: Timeline }) {
  const t = useTexts(TIMELINE_TEXTS);
  const { language } = useLanguage();
  const { expected, status, waitsFor } = operation;
  // The time of a person's decision and of an undelete window is not known.
  if (status === 'held' || waitsFor?.reason === 'UndeleteWindow' || timeline.undo !== null) return null;
  if (expected === null) return <p className="text-xs text-muted">{t.unknown}</p>;
  const durationOf = (seconds: number) => formatDuration(Math.round(seconds * 1_000), language);
  const usual = t.usual(durationOf(expected.p50Seconds), durationOf(expected.p90Seconds), expected.basedOn);
  // The time in the queue is not known either.
  if (status !== 'running') return <p className="text-xs text-muted">{usual}</p>;
  return <RunningBar expected={expected} timeline={timeline} usual={usual} />;
}

function RunningBar({
  expected,
  timeline,
  usual,
}: {
  readonly expected: ExpectedDuration;
  readonly timeline: Timeline;
  readonly usual: string;
}) {
  const t = useTexts(TIMELINE_TEXTS);
  const { language } = useLanguage();
  const now = useNow(TICK_MS);
  const progress = progressOf(timeline.steps, { expected, now: new Date(now) });
  if (progress === null) return null;
  const { fraction, remainingSeconds, isSlow } = progress;
  const percent = Math.round(fraction * 100);
  const left = remainingSeconds < 1 ? '' : t.left(formatDuration(Math.ceil(remainingSeconds) * 1_000, language));
  return (
    <div className="grid gap-1.5">
      <progress
        aria-label={t.progress}
        max={100}
        value={percent}
        className={clsx(
          'block h-1.5 w-full appearance-none overflow-hidden rounded-full border-0 bg-active',
          '[&::-webkit-progress-bar]:bg-transparent [&::-webkit-progress-value]:rounded-full [&::-webkit-progress-value]:transition-[width] [&::-webkit-progress-value]:duration-700',
          isSlow
            ? '[&::-moz-progress-bar]:bg-warning-dot [&::-webkit-progress-value]:bg-warning-dot'
            : '[&::-moz-progress-bar]:bg-accent [&::-webkit-progress-value]:bg-accent',
        )}
      />
      <p className="flex flex-wrap justify-between gap-x-4 text-xs text-muted">
        <span>{usual}</span>
        <span className={clsx(isSlow && 'text-warning')}>{isSlow ? t.slow : left}</span>
      </p>
    </div>
  );
}

function Waiting({ operation }: { readonly operation: OperationDetail }) {
  const t = useTexts(TIMELINE_TEXTS);
  const labels = useTexts(LABELS);
  const { waitsFor, queue, cancelRequestedAt, undeleteRequestedAt } = operation;
  if (cancelRequestedAt !== null) return <Note icon="stop">{t.cancelRequested}</Note>;
  if (undeleteRequestedAt !== null) return <Note icon="undo">{t.undeleteRequested}</Note>;
  if (waitsFor === null) return null;
  const detail = detailOfWait(waitsFor);
  const isDelayed = waitsFor.reason === 'Operator' || detail !== null;
  return (
    <Note icon={waitsFor.reason === 'Operator' ? 'hand' : 'clock'} isWarning={isDelayed}>
      <p>
        {labels.wait[waitsFor.reason]}
        {queue !== null && `. ${t.place(queue.position, queue.length)}`}
      </p>
      {detail !== null && <p className="text-xs">{detail}</p>}
      {waitsFor.until !== null && (
        <p className="text-xs">
          {t.until} <Time value={waitsFor.until} />
        </p>
      )}
    </Note>
  );
}

function Retrying({ retry }: Pick<OperationDetail, 'retry'>) {
  const t = useTexts(TIMELINE_TEXTS);
  if (retry === null) return null;
  const { attempt, message, nextAttemptAt } = retry;
  return (
    <Note icon="refresh" isWarning>
      <p>{t.retrying(attempt)}</p>
      <p className="text-xs">{t.lastAttempt(message)}</p>
      {nextAttemptAt !== null && (
        <p className="text-xs">
          {t.nextAttempt} <Time value={nextAttemptAt} />
        </p>
      )}
    </Note>
  );
}

function Note({
  icon,
  isWarning = false,
  children,
}: {
  readonly icon: 'stop' | 'undo' | 'hand' | 'clock' | 'refresh';
  readonly isWarning?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <div
      className={clsx(
        'flex gap-2 rounded-md border px-3 py-2',
        isWarning ? 'border-warning-line bg-warning-soft' : 'border-line bg-canvas text-muted',
      )}
    >
      <Icon name={icon} className={clsx('mt-0.5', isWarning && 'text-warning')} />
      <div className="min-w-0">{children}</div>
    </div>
  );
}

/** Tells a screen reader when another step begins. */
function CurrentStep({ timeline }: { readonly timeline: Timeline }) {
  const t = useTexts(TIMELINE_TEXTS);
  const labels = useTexts(LABELS);
  const running = timeline.steps.find(({ state }) => state === 'running');
  return <output className="sr-only">{running !== undefined && t.current(labels.step[running.step])}</output>;
}
