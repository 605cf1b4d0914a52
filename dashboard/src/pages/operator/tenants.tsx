import type { Tenant } from '@store-platform/client';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { api, dataOf } from '../../api/client.ts';
import { keys } from '../../api/query.ts';
import { switchTenant } from '../../api/session.tsx';
import { formatNumber } from '../../text/format.ts';
import { useLanguage } from '../../text/language.tsx';
import { useTexts } from '../../text/texts.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { LoadMore } from '../../ui/load-more.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Table, type Column } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { QueryView } from './parts/query-view.tsx';
import { TenantDialog } from './tenant/tenant-dialog.tsx';
import { TENANT_TEXTS } from './tenant/texts.ts';

const PAGE = 50;

async function readPage(cursor: string | null) {
  const query = { limit: PAGE, ...(cursor === null ? {} : { cursor }) };
  return dataOf(await api.GET('/api/admin/tenants', { params: { query } }));
}

/** All tenants and their limits. */
export function TenantsPage() {
  const t = useTexts(TENANT_TEXTS);
  const { language } = useLanguage();
  const [, navigate] = useLocation();
  const [edited, setEdited] = useState<Tenant | 'new' | null>(null);
  const query = useInfiniteQuery({
    queryKey: [...keys.operator, 'tenants'],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) => readPage(pageParam),
    getNextPageParam: ({ pagination }) => pagination.nextCursor,
  });
  const limit = (value: number | null) =>
    value === null ? <span className="text-muted">{t.default}</span> : formatNumber(value, language);
  const columns: readonly Column<Tenant>[] = [
    {
      id: 'name',
      header: t.name,
      cell: ({ name, tenantId }) => (
        <div className="grid gap-0.5">
          <span className="font-medium">{name}</span>
          <code className="font-mono text-xs text-muted">{tenantId}</code>
        </div>
      ),
    },
    { id: 'stores', header: t.maxStores, align: 'end', cell: ({ maxStores }) => limit(maxStores) },
    { id: 'running', header: t.maxRunning, align: 'end', from: 'md', cell: ({ maxRunning }) => limit(maxRunning) },
    {
      id: 'requests',
      header: t.maxRequests,
      align: 'end',
      from: 'lg',
      cell: ({ maxRequestsPerMinute }) => limit(maxRequestsPerMinute),
    },
    { id: 'created', header: t.created, from: 'sm', cell: ({ createdAt }) => <Time value={createdAt} /> },
    {
      id: 'actions',
      header: <span className="sr-only">{t.actions}</span>,
      align: 'end',
      cell: (tenant) => (
        <div className="flex justify-end gap-2 max-sm:flex-col">
          <Button size="sm" icon="edit" aria-label={t.editLabel(tenant.name)} onClick={() => setEdited(tenant)}>
            {t.edit}
          </Button>
          <Button
            size="sm"
            variant="ghost"
            icon="arrow-right"
            aria-label={t.openLabel(tenant.name)}
            onClick={() => void switchTenant(tenant.tenantId).then(() => navigate('/'))}
          >
            {t.open}
          </Button>
        </div>
      ),
    },
  ];
  return (
    <>
      <PageHeader
        title={t.title}
        description={t.description}
        actions={
          <Button variant="primary" icon="plus" onClick={() => setEdited('new')}>
            {t.create}
          </Button>
        }
      />
      <QueryView query={query}>
        {({ pages }) => (
          <Panel isFlush>
            <Table
              label={t.title}
              columns={columns}
              rows={pages.flatMap(({ data }) => data)}
              rowKey={({ tenantId }) => tenantId}
              empty={<EmptyState icon="building" title={t.none} description={t.noneHint} />}
            />
            <LoadMore {...query} />
          </Panel>
        )}
      </QueryView>
      {edited !== null && <TenantDialog tenant={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}
    </>
  );
}
