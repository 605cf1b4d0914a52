import type { Operation, StoreEvent } from '@store-platform/client';
import { useMemo, useState } from 'react';
import { useSession } from '../../../api/session.tsx';
import { useTexts } from '../../../text/texts.ts';
import { Badge } from '../../../ui/badge.tsx';
import { CopyButton } from '../../../ui/copy-button.tsx';
import { Duration } from '../../../ui/duration.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Icon } from '../../../ui/icon.tsx';
import { LoadMore } from '../../../ui/load-more.tsx';
import { Panel } from '../../../ui/panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { Time } from '../../../ui/time.tsx';
import { useEventLog, useOperations, useProgress } from '../data/store.ts';
import { OPERATION_TONES } from '../model/catalogue.ts';
import { timelineOf } from '../model/timeline.ts';
import { LABELS } from '../texts/labels.ts';
import { OperationProgress } from './operation-progress.tsx';
import { StepList } from './step-list.tsx';
import { TIMELINE_TEXTS } from './timeline-texts.ts';

/** The operations of a store, newest first. The newest one and those that have not ended are open. */
export function OperationsPanel({ storeId }: { readonly storeId: string }) {
  const t = useTexts(TIMELINE_TEXTS);
  const operations = useOperations(storeId);
  const log = useEventLog(storeId);
  const all = operations.data?.pages.flatMap(({ data }) => data) ?? [];
  const error = operations.error ?? log.error;
  return (
    <Panel title={t.operations} isFlush>
      {error !== null && (
        <div className="p-4">
          <ErrorPanel error={error} onRetry={() => Promise.all([operations.refetch(), log.refetch()])} />
        </div>
      )}
      {operations.isPending || log.isPending ? (
        <LoadingOperation />
      ) : (
        <ul className="divide-y divide-line">
          {all.map((operation, index) => (
            <OperationItem
              key={operation.operationId}
              operation={operation}
              events={log.data ?? []}
              isNewest={index === 0}
            />
          ))}
        </ul>
      )}
      <LoadMore
        hasNextPage={operations.hasNextPage}
        isFetchingNextPage={operations.isFetchingNextPage}
        fetchNextPage={operations.fetchNextPage}
      />
    </Panel>
  );
}

interface ItemProps {
  readonly operation: Operation;
  /** All events of the store. */
  readonly events: readonly StoreEvent[];
  readonly isNewest: boolean;
}

function OperationItem({ operation, events, isNewest }: ItemProps) {
  const t = useTexts(TIMELINE_TEXTS);
  const labels = useTexts(LABELS);
  const { actor } = useSession();
  const { kind, status, requestedAt, requestedBy, startedAt, endedAt } = operation;
  const isDefaultOpen = isNewest || endedAt === null;
  // Null: the person has not decided.
  const [chosen, setChosen] = useState<boolean | null>(null);
  const isOpen = chosen ?? isDefaultOpen;
  return (
    <li>
      <details open={isOpen} className="group">
        <summary
          className="flex cursor-pointer list-none flex-wrap items-center gap-x-3 gap-y-1 px-4 py-3 hover:bg-hover focus-visible:-outline-offset-2 [&::-webkit-details-marker]:hidden"
          onClick={(event) => {
            event.preventDefault();
            setChosen(!isOpen);
          }}
        >
          <Icon name="chevron-right" className="text-muted transition-transform group-open:rotate-90" />
          <span className="font-medium">{labels.kind[kind]}</span>
          <Badge tone={OPERATION_TONES[status]} isLive={endedAt === null && status !== 'held'}>
            {labels.operationStatus[status]}
          </Badge>
          <span className="ml-auto flex flex-wrap items-center gap-x-3 text-xs text-muted">
            <span className="max-w-48 truncate max-sm:hidden" title={requestedBy}>
              {requestedBy === actor ? t.byYou : t.by(requestedBy)}
            </span>
            <Time value={requestedAt} />
            <span title={t.elapsed} className="min-w-14 text-right">
              <Duration since={startedAt ?? requestedAt} until={endedAt} />
            </span>
          </span>
        </summary>
        {isOpen && <OperationBody operation={operation} events={events} />}
      </details>
    </li>
  );
}

function OperationBody({ operation, events }: Omit<ItemProps, 'isNewest'>) {
  const t = useTexts(TIMELINE_TEXTS);
  const { isOperator } = useSession();
  const { storeId, operationId, endedAt, webUrl, correlationId } = operation;
  const progress = useProgress(storeId, endedAt === null ? operationId : null).data;
  const timeline = useMemo(() => timelineOf(operation, events), [operation, events]);
  return (
    <div className="px-4 pt-1 pb-4 sm:pl-11">
      {progress !== undefined && endedAt === null && <OperationProgress operation={progress} timeline={timeline} />}
      <StepList timeline={timeline} expected={endedAt === null ? (progress?.expected ?? null) : null} />
      {timeline.runs > 1 && <p className="mt-2 text-xs text-muted">{t.runs(timeline.runs)}</p>}
      <p className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-muted">
        <span className="flex items-center gap-1">
          {t.correlationId}: <code className="font-mono">{correlationId.slice(0, 13)}</code>
          <CopyButton text={correlationId} label={t.copyCorrelationId} />
        </span>
        {isOperator && (
          <a
            href={webUrl}
            target="_blank"
            rel="noreferrer"
            className="inline-flex items-center gap-1 text-accent-text hover:underline"
          >
            {t.webUi}
            <Icon name="external" className="size-3.5" />
          </a>
        )}
      </p>
    </div>
  );
}

function LoadingOperation() {
  return (
    <div aria-hidden="true" className="grid gap-4 p-4">
      {['w-48', 'w-40', 'w-56', 'w-52', 'w-44'].map((width) => (
        <div key={width} className="flex items-center gap-3">
          <Skeleton className="size-4 rounded-full" />
          <Skeleton className={`h-4 ${width}`} />
        </div>
      ))}
    </div>
  );
}
