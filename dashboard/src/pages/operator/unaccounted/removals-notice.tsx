import { useState } from 'react';
import { api, dataOf } from '../../../api/client.ts';
import { useTexts } from '../../../text/texts.ts';
import { Button } from '../../../ui/button.tsx';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Icon } from '../../../ui/icon.tsx';
import { Time } from '../../../ui/time.tsx';
import { useOperatorChange, useOperatorQuery } from '../parts/use-operator.ts';
import { UNACCOUNTED_TEXTS } from './texts.ts';

/** Says that the reconciler removes nothing, and resumes it. Shows nothing while removals are active. */
export function RemovalsNotice() {
  const t = useTexts(UNACCOUNTED_TEXTS);
  const [isAsked, setAsked] = useState(false);
  const { data } = useOperatorQuery(['removals'], async () => dataOf(await api.GET('/api/admin/removals')));
  const resume = useOperatorChange(
    async () => dataOf(await api.POST('/api/admin/removals/resume')),
    () => t.done.resume,
  );
  if (data === undefined || data.state === 'active') return null;
  const isPaused = data.state === 'paused';
  return (
    <section
      aria-label={isPaused ? t.paused : t.resuming}
      className="mb-4 flex flex-wrap items-start justify-between gap-3 rounded-lg border border-warning-line bg-warning-soft p-4"
    >
      <div className="flex min-w-0 gap-3">
        <Icon name="pause" className="mt-0.5 text-warning" />
        <div className="grid gap-1">
          <p className="font-semibold">{isPaused ? t.paused : t.resuming}</p>
          <p>{isPaused ? t.pausedHint : t.resumingHint}</p>
          {data.reason !== null && (
            <p className="text-xs">
              {t.reason}: {data.reason}
            </p>
          )}
          {data.since !== null && (
            <p className="text-xs">
              {t.since}: <Time value={data.since} />
            </p>
          )}
        </div>
      </div>
      {isPaused && (
        <Button icon="play" onClick={() => setAsked(true)}>
          {t.resume}
        </Button>
      )}
      <ConfirmDialog
        open={isAsked}
        onOpenChange={setAsked}
        title={t.resumeTitle}
        description={t.resumeDescription}
        confirmLabel={t.resume}
        pending={resume.isPending}
        onConfirm={() => resume.mutate(undefined, { onSuccess: () => setAsked(false) })}
      >
        {resume.error !== null && <ErrorPanel error={resume.error} />}
      </ConfirmDialog>
    </section>
  );
}
