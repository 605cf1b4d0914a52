import { ApiError, type Webhook } from '@store-platform/client';
import { useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { useSession } from '../../api/session.tsx';
import { useTexts } from '../../text/texts.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Panel } from '../../ui/panel.tsx';
import type { Column } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { PagedTable, usePagedList } from './shared/lists.tsx';
import { settingsKeys } from './shared/settings-keys.ts';
import { CreateWebhookDialog } from './webhooks/create-dialog.tsx';
import { WebhookState } from './webhooks/state-badge.tsx';
import { WEBHOOK_TEXTS } from './webhooks/texts.ts';

const PAGE_SIZE = 50;

/** The webhooks of the tenant. */
export function WebhooksPage() {
  const t = useTexts(WEBHOOK_TEXTS);
  const { can } = useSession();
  const [isCreating, setCreating] = useState(false);
  const columns = useColumns();
  const list = usePagedList({
    queryKey: settingsKeys.webhookList,
    read: async (cursor) => dataOf(await api.GET('/api/webhooks', { params: { query: { limit: PAGE_SIZE, cursor } } })),
  });
  const isOff = list.error instanceof ApiError && list.error.problem?.code === 'WEBHOOKS_OFF';
  const create = can('createWebhook') && !isOff && (
    <Button variant="primary" icon="plus" onClick={() => setCreating(true)}>
      {t.create}
    </Button>
  );
  return (
    <>
      <PageHeader title={t.title} description={t.description} actions={create} />
      <Panel isFlush className="overflow-clip">
        {isOff ? (
          <EmptyState icon="webhook" title={t.off} description={t.offHint} />
        ) : (
          <PagedTable
            label={t.title}
            list={list}
            columns={columns}
            rowKey={({ webhookId }) => webhookId}
            rowHref={({ webhookId }) => `/settings/webhooks/${webhookId}`}
            empty={<EmptyState icon="webhook" title={t.empty} description={t.emptyHint} />}
          />
        )}
      </Panel>
      <CreateWebhookDialog open={isCreating} onOpenChange={setCreating} />
    </>
  );
}

function useColumns(): readonly Column<Webhook>[] {
  const t = useTexts(WEBHOOK_TEXTS);
  return [
    {
      id: 'url',
      header: t.columns.url,
      cell: ({ url, description }) => (
        <span className="grid">
          <span className="break-all">{url}</span>
          {description !== '' && <span className="text-xs font-normal text-muted">{description}</span>}
        </span>
      ),
    },
    {
      id: 'events',
      header: t.columns.events,
      from: 'md',
      cell: ({ eventTypes }) => (eventTypes === null ? t.allEvents : t.events(eventTypes.length)),
    },
    { id: 'state', header: t.columns.state, cell: (webhook) => <WebhookState webhook={webhook} /> },
    { id: 'created', header: t.columns.created, from: 'lg', cell: ({ createdAt }) => <Time value={createdAt} /> },
  ];
}
