import type { ExpectedDuration } from '@store-platform/client';
import { clsx } from 'clsx';
import { formatDuration } from '../../../text/format.ts';
import { useLanguage } from '../../../text/language.tsx';
import { useTexts } from '../../../text/texts.ts';
import { Duration } from '../../../ui/duration.tsx';
import { Icon, type IconName } from '../../../ui/icon.tsx';
import { Spinner } from '../../../ui/spinner.tsx';
import type { Attempt, StepState, Timeline, TimelineStep } from '../model/timeline.ts';
import { LABELS } from '../texts/labels.ts';
import { TIMELINE_TEXTS } from './timeline-texts.ts';

const ICONS = {
  done: ['check-circle', 'text-success'],
  skipped: ['skip', 'text-muted'],
  failed: ['alert', 'text-danger'],
  held: ['hand', 'text-warning'],
  stopped: ['stop', 'text-muted'],
} as const satisfies Record<Exclude<StepState, 'waiting' | 'running'>, readonly [IconName, string]>;

/** The steps of an operation, in their order, with what happened in each. */
export function StepList({
  timeline,
  expected,
}: {
  readonly timeline: Timeline;
  readonly expected: ExpectedDuration | null;
}) {
  const t = useTexts(TIMELINE_TEXTS);
  const usual = new Map(expected?.steps.map((each) => [each.step, each.p50Seconds]));
  const { steps, undo } = timeline;
  return (
    <ol className="grid">
      {steps.map((step, index) => (
        <StepRow
          key={step.step}
          step={step}
          usualSeconds={usual.get(step.step)}
          isLast={index === steps.length - 1 && undo === null}
        />
      ))}
      {undo !== null && (
        <li className="grid grid-cols-[1rem_minmax(0,1fr)] gap-x-3">
          <Icon name="undo" className="mt-0.5 text-muted" />
          <div className="grid gap-1 pb-1">
            <span className="font-medium">{t.undo}</span>
            <UndoneSteps undo={undo} />
          </div>
        </li>
      )}
    </ol>
  );
}

function StepRow({
  step: { step, state, attempts },
  usualSeconds,
  isLast,
}: {
  readonly step: TimelineStep;
  readonly usualSeconds: number | undefined;
  readonly isLast: boolean;
}) {
  const labels = useTexts(LABELS);
  const last = attempts.at(-1);
  return (
    <li data-step={step} data-state={state} className="grid grid-cols-[1rem_minmax(0,1fr)_auto] gap-x-3">
      <div aria-hidden="true" className="grid grid-rows-[auto_minmax(0,1fr)] justify-items-center pt-0.5">
        <StateIcon state={state} />
        {!isLast && <span className="my-0.5 w-px bg-line-strong" />}
      </div>
      <div className={clsx('min-w-0 pb-3', state === 'waiting' && 'text-muted')}>
        <span className={clsx(state === 'running' && 'font-medium')}>{labels.step[step]}</span>
        <span className="sr-only"> ({labels.stepState[state]})</span>
        <StepNotes state={state} attempts={attempts} />
      </div>
      <div className="text-right text-xs text-muted">
        {last !== undefined && (
          <Duration
            since={last.startedAt}
            until={last.endedAt}
            className={clsx('block', state === 'running' && 'text-fg')}
          />
        )}
        <UsualTime state={state} seconds={usualSeconds} />
      </div>
    </li>
  );
}

function UsualTime({ state, seconds }: { readonly state: StepState; readonly seconds: number | undefined }) {
  const t = useTexts(TIMELINE_TEXTS);
  const { language } = useLanguage();
  if (seconds === undefined || (state !== 'waiting' && state !== 'running')) return null;
  return <span className="block">{t.usually(formatDuration(seconds * 1_000, language))}</span>;
}

function StateIcon({ state }: { readonly state: StepState }) {
  if (state === 'running') return <Spinner className="text-info" />;
  if (state === 'waiting') return <span className="m-0.5 size-3 rounded-full border-2 border-line-strong" />;
  const [name, colour] = ICONS[state];
  return <Icon name={name} className={colour} />;
}

/** Says why the last attempt failed or was skipped, and lists the attempts before it. */
function StepNotes({ state, attempts }: { readonly state: StepState; readonly attempts: readonly Attempt[] }) {
  const last = attempts.at(-1);
  return (
    <>
      {last?.reason !== null && last?.reason !== undefined && (
        <p className={clsx('text-xs', state === 'failed' || state === 'held' ? 'text-danger' : 'text-muted')}>
          {last.reason}
        </p>
      )}
      {attempts.length > 1 && <EarlierAttempts attempts={attempts.slice(0, -1)} />}
    </>
  );
}

function EarlierAttempts({ attempts }: { readonly attempts: readonly Attempt[] }) {
  const t = useTexts(TIMELINE_TEXTS);
  return (
    <ul className="mt-1 grid gap-0.5 text-xs text-muted">
      {attempts.map((attempt, index) => (
        <li key={attempt.startedAt}>
          {t.attempt(index + 1)}: {attempt.outcome === 'failed' ? t.failedWith(attempt.reason ?? '') : t.stopped} (
          <Duration since={attempt.startedAt} until={attempt.endedAt} />)
        </li>
      ))}
    </ul>
  );
}

function UndoneSteps({ undo }: { readonly undo: NonNullable<Timeline['undo']> }) {
  const t = useTexts(TIMELINE_TEXTS);
  const labels = useTexts(LABELS);
  const names: Readonly<Record<string, string>> = labels.undo;
  return (
    <ul className="grid gap-0.5 text-xs text-muted">
      {undo.steps.map(({ name, isDone }) => (
        <li key={name} className={clsx('flex items-center gap-1.5', !isDone && 'text-danger')}>
          <Icon name={isDone ? 'check' : 'alert'} className="size-3.5" />
          {isDone ? (names[name] ?? name) : `${name}: ${t.undoFailed}`}
        </li>
      ))}
    </ul>
  );
}
