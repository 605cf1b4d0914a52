import type { SessionList } from '@store-platform/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import { api, dataOf } from '../../../api/client.ts';
import { useTexts } from '../../../text/texts.ts';
import { Badge } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Panel } from '../../../ui/panel.tsx';
import { Table, type Column } from '../../../ui/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { TableSkeleton } from '../shared/lists.tsx';
import { useFailureToast } from '../shared/problem-text.ts';
import { settingsKeys } from '../shared/settings-keys.ts';
import { browserName } from './browser-name.ts';
import { SESSION_TEXTS } from './texts.ts';

type BrowserSession = SessionList['data'][number];

/** The browsers in which the person is logged in. */
export function SessionPanel() {
  const t = useTexts(SESSION_TEXTS);
  const [isAsking, setAsking] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: settingsKeys.sessions,
    queryFn: async () => dataOf(await api.GET('/api/sessions')).data,
  });
  const columns = useColumns();
  const others = data?.filter(({ isCurrent }) => !isCurrent) ?? [];
  const endOthers = others.length > 0 && (
    <Button size="sm" onClick={() => setAsking(true)}>
      {t.endOthers}
    </Button>
  );
  return (
    <Panel title={t.title} description={t.description} actions={endOthers} isFlush>
      {data !== undefined ? (
        <Table
          label={t.title}
          columns={columns}
          rows={data.toSorted((a, b) => Number(b.isCurrent) - Number(a.isCurrent))}
          rowKey={({ sessionId }) => sessionId}
          empty={<p className="p-4 text-center text-sm text-muted">{t.empty}</p>}
        />
      ) : error === null ? (
        <TableSkeleton />
      ) : (
        <div className="p-4">
          <ErrorPanel error={error} onRetry={refetch} />
        </div>
      )}
      {isAsking && <EndOthersDialog sessions={others} onClose={() => setAsking(false)} />}
    </Panel>
  );
}

function useColumns(): readonly Column<BrowserSession>[] {
  const t = useTexts(SESSION_TEXTS);
  return [
    {
      id: 'browser',
      header: t.columns.browser,
      cell: ({ userAgent, isCurrent }) => (
        <span className="flex flex-wrap items-center gap-2 font-medium" title={userAgent ?? undefined}>
          {browserName(userAgent) ?? t.unknown}
          {isCurrent && <Badge tone="success">{t.current}</Badge>}
        </span>
      ),
    },
    { id: 'lastUsed', header: t.columns.lastUsed, cell: ({ lastUsedAt }) => <Time value={lastUsedAt} /> },
    { id: 'created', header: t.columns.created, from: 'md', cell: ({ createdAt }) => <Time value={createdAt} /> },
    { id: 'expires', header: t.columns.expires, from: 'lg', cell: ({ expiresAt }) => <Time value={expiresAt} /> },
    {
      id: 'actions',
      header: <span className="sr-only">{t.columns.actions}</span>,
      align: 'end',
      cell: (session) => !session.isCurrent && <EndButton session={session} />,
    },
  ];
}

function endSession({ sessionId }: BrowserSession) {
  return api.DELETE('/api/sessions/{id}', { params: { path: { id: sessionId } } });
}

function EndButton({ session }: { readonly session: BrowserSession }) {
  const t = useTexts(SESSION_TEXTS);
  const client = useQueryClient();
  const showFailure = useFailureToast();
  const end = useMutation({
    mutationFn: () => endSession(session),
    onSuccess: () => toast.success(t.ended),
    onError: (error) => showFailure(t.notEnded, error),
    onSettled: () => client.invalidateQueries({ queryKey: settingsKeys.sessions }),
  });
  return (
    <Button
      size="sm"
      pending={end.isPending}
      aria-label={t.endNamed(browserName(session.userAgent) ?? t.unknown)}
      onClick={() => end.mutate()}
    >
      {t.end}
    </Button>
  );
}

function EndOthersDialog({
  sessions,
  onClose,
}: {
  readonly sessions: readonly BrowserSession[];
  readonly onClose: () => void;
}) {
  const t = useTexts(SESSION_TEXTS);
  const client = useQueryClient();
  const showFailure = useFailureToast();
  const end = useMutation({
    mutationFn: async () => {
      // One after the other, so that a person with many sessions does not reach the limit of requests.
      for (const session of sessions) await endSession(session);
    },
    onSuccess: () => {
      toast.success(t.othersEnded);
      onClose();
    },
    onError: (error) => showFailure(t.othersNotEnded, error),
    onSettled: () => client.invalidateQueries({ queryKey: settingsKeys.sessions }),
  });
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={t.othersTitle}
      description={t.othersText}
      confirmLabel={t.othersAction}
      pending={end.isPending}
      onConfirm={() => end.mutate()}
    />
  );
}
