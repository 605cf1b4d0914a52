import type { WebhookDelivery } from '@store-platform/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import { Link } from 'wouter';
import { api, dataOf } from '../../../api/client.ts';
import { useSession } from '../../../api/session.tsx';
import { useTexts } from '../../../text/texts.ts';
import { Badge, type Tone } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { CopyButton } from '../../../ui/copy-button.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { Panel } from '../../../ui/panel.tsx';
import { Select } from '../../../ui/select.tsx';
import type { Column } from '../../../ui/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { Facts } from '../shared/facts.tsx';
import { newKey } from '../../../browser/new-key.ts';
import { PagedTable, usePagedList } from '../shared/lists.tsx';
import { useFailureToast } from '../shared/problem-text.ts';
import { settingsKeys } from '../shared/settings-keys.ts';
import { DELIVERY_TEXTS } from './detail-texts.ts';

type State = WebhookDelivery['state'];

const PAGE_SIZE = 20;
const STATES: readonly State[] = ['pending', 'retrying', 'delivered', 'failed', 'cancelled'];
const TONES: Readonly<Record<State, Tone>> = {
  pending: 'info',
  retrying: 'warning',
  delivered: 'success',
  failed: 'danger',
  cancelled: 'neutral',
};
/** A worker sends a message within about a second. */
const WAITING_MS = 1_500;
const QUIET_MS = 15_000;

/** The log of the messages of a webhook. It follows new ones by itself. */
export function DeliveryTable({ webhookId, isEnabled }: { readonly webhookId: string; readonly isEnabled: boolean }) {
  const t = useTexts(DELIVERY_TEXTS);
  const [state, setState] = useState<State | 'all'>('all');
  const wanted = state === 'all' ? undefined : state;
  const list = usePagedList({
    queryKey: settingsKeys.deliveries(webhookId, wanted),
    read: async (cursor) =>
      dataOf(
        await api.GET('/api/webhooks/{id}/deliveries', {
          params: { path: { id: webhookId }, query: { limit: PAGE_SIZE, cursor, state: wanted } },
        }),
      ),
    keepsRows: true,
    refetchInterval: (rows) => (rows.some((row) => row.state === 'pending') ? WAITING_MS : QUIET_MS),
  });
  const filter = (
    <Select
      aria-label={t.filter}
      className="w-44"
      value={state}
      onChange={setState}
      options={[{ value: 'all', label: t.all }, ...STATES.map((value) => ({ value, label: t.states[value] }))]}
    />
  );
  return (
    <Panel title={t.title} actions={filter} isFlush>
      <PagedTable
        label={t.title}
        list={list}
        columns={useColumns()}
        rowKey={({ deliveryId }) => deliveryId}
        renderDetail={(delivery) => <DeliveryDetail delivery={delivery} isEnabled={isEnabled} />}
        empty={
          state === 'all' ? (
            <EmptyState icon="send" title={t.empty} description={t.emptyHint} />
          ) : (
            <EmptyState icon="filter" title={t.emptyState} />
          )
        }
      />
    </Panel>
  );
}

function useColumns(): readonly Column<WebhookDelivery>[] {
  const t = useTexts(DELIVERY_TEXTS);
  return [
    { id: 'message', header: t.columns.message, cell: ({ type }) => <code className="font-mono text-xs">{type}</code> },
    {
      id: 'state',
      header: t.columns.state,
      cell: ({ state, nextAttemptAt }) => (
        <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <Badge tone={TONES[state]} isLive={state === 'pending'}>
            {t.states[state]}
          </Badge>
          {state === 'retrying' && nextAttemptAt !== null && (
            <span className="text-xs text-muted">
              {t.next} <Time value={nextAttemptAt} />
            </span>
          )}
        </div>
      ),
    },
    { id: 'response', header: t.columns.response, from: 'sm', cell: (delivery) => <Response delivery={delivery} /> },
    { id: 'attempts', header: t.columns.attempts, from: 'md', align: 'end', cell: ({ attempts }) => attempts },
    { id: 'time', header: t.columns.time, from: 'sm', cell: ({ lastAttemptAt }) => <Time value={lastAttemptAt} /> },
  ];
}

function Response({ delivery: { lastStatus, lastAttemptAt } }: { readonly delivery: WebhookDelivery }) {
  const t = useTexts(DELIVERY_TEXTS);
  if (lastAttemptAt === null) return <span className="text-muted">–</span>;
  return lastStatus === null ? (
    <span className="text-muted">{t.noResponse}</span>
  ) : (
    <code className="font-mono text-xs">{lastStatus}</code>
  );
}

function DeliveryDetail({ delivery, isEnabled }: { readonly delivery: WebhookDelivery; readonly isEnabled: boolean }) {
  const t = useTexts(DELIVERY_TEXTS);
  const { lastError, responseSnippet, messageId, storeId, createdAt, endedAt, lastAttemptAt } = delivery;
  return (
    <div className="grid gap-3 py-1">
      <Facts
        facts={[
          { label: t.error, value: lastError },
          {
            label: t.messageId,
            value: (
              <span className="flex items-center gap-1">
                <code className="font-mono text-xs break-all">{messageId}</code>
                <CopyButton text={messageId} label={t.copyMessageId} />
              </span>
            ),
          },
          {
            label: t.store,
            value:
              storeId === null ? null : (
                <Link href={`/stores/${storeId}`} className="text-accent-text underline underline-offset-2">
                  {t.showStore}
                </Link>
              ),
          },
          { label: t.createdAt, value: <Time value={createdAt} /> },
          { label: t.endedAt, value: endedAt === null ? null : <Time value={endedAt} /> },
        ]}
      />
      {lastAttemptAt !== null && (
        <div className="grid gap-1">
          <p className="text-xs text-muted">{t.body}</p>
          {responseSnippet === null || responseSnippet === '' ? (
            <p className="text-sm">{t.noBody}</p>
          ) : (
            <pre className="rounded-md border border-line bg-surface p-2.5 font-mono text-xs break-all whitespace-pre-wrap">
              {responseSnippet}
            </pre>
          )}
        </div>
      )}
      <Redeliver delivery={delivery} isEnabled={isEnabled} />
    </div>
  );
}

/** Sends an ended delivery again. */
function Redeliver({
  delivery: { webhookId, deliveryId, endedAt },
  isEnabled,
}: {
  readonly delivery: WebhookDelivery;
  readonly isEnabled: boolean;
}) {
  const t = useTexts(DELIVERY_TEXTS);
  const { can } = useSession();
  const client = useQueryClient();
  const showFailure = useFailureToast();
  const redeliver = useMutation({
    mutationFn: (key: string) =>
      api.POST('/api/webhooks/{id}/deliveries/{deliveryId}/redeliver', {
        params: { path: { id: webhookId, deliveryId }, header: { 'Idempotency-Key': key } },
      }),
    onSuccess: () => toast.success(t.redelivered),
    onError: (error) => showFailure(t.notRedelivered, error),
    onSettled: () => client.invalidateQueries({ queryKey: settingsKeys.webhook(webhookId) }),
  });
  if (endedAt === null || !isEnabled || !can('redeliverWebhook')) return null;
  return (
    <div>
      <Button size="sm" icon="refresh" pending={redeliver.isPending} onClick={() => redeliver.mutate(newKey())}>
        {t.redeliver}
      </Button>
    </div>
  );
}
