import type { TenantOperation } from '@store-platform/client';
import { useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { formatNumber } from '../../text/format.ts';
import { useLanguage } from '../../text/language.tsx';
import { useTexts } from '../../text/texts.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Panel } from '../../ui/panel.tsx';
import { SearchBox } from '../../ui/search-box.tsx';
import { Select } from '../../ui/select.tsx';
import { Table, type Column } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { LABELS } from '../stores/texts/labels.ts';
import { OperationActions } from './held/actions.tsx';
import { OperationCause } from './held/cause.tsx';
import type { Decision } from './held/decisions.ts';
import { decide } from './held/send.ts';
import { HELD_TEXTS } from './held/texts.ts';
import { QueryView } from './parts/query-view.tsx';
import { StoreLink } from './parts/store-link.tsx';
import { useFilters } from './parts/use-filters.ts';
import { useOperatorChange, useOperatorQuery } from './parts/use-operator.ts';
import { WebUiLink } from './parts/web-ui-link.tsx';

const STATUSES = ['held', 'running', 'queued', 'requested'] as const;
type OpenStatus = (typeof STATUSES)[number];
const LIMIT = 100;

interface Asked {
  readonly operation: TenantOperation;
  readonly decision: Exclude<Decision, 'continue'>;
}

/** The operations of all tenants that have not ended, the held ones first. */
export function HeldPage() {
  const t = useTexts(HELD_TEXTS);
  const labels = useTexts(LABELS);
  const { language } = useLanguage();
  const [filters, setFilter] = useFilters(['status', 'tenant']);
  const status = STATUSES.find((each) => each === filters.status) ?? 'held';
  const tenantId = filters.tenant;
  const [asked, setAsked] = useState<Asked | null>(null);
  const query = useOperatorQuery(['operations', status, tenantId], async () =>
    dataOf(
      await api.GET('/api/admin/operations', {
        params: { query: { status, limit: LIMIT, ...(tenantId === '' ? {} : { tenantId }) } },
      }),
    ),
  );
  const change = useOperatorChange(
    (input: { readonly operation: TenantOperation; readonly decision: Decision }) =>
      decide(input.operation, input.decision),
    ({ decision }) => t.done[decision],
  );

  const columns: readonly Column<TenantOperation>[] = [
    {
      id: 'store',
      header: t.store,
      cell: (operation) => (
        <div className="grid gap-0.5">
          <StoreLink storeId={operation.storeId} tenantId={operation.tenantId}>
            {operation.storeId.slice(0, 8)}
          </StoreLink>
          <span className="text-xs text-muted">{operation.tenantId}</span>
          <div className="mt-1 sm:hidden">
            <OperationCause operation={operation} />
          </div>
        </div>
      ),
    },
    {
      id: 'operation',
      header: t.operation,
      from: 'sm',
      cell: ({ kind, step }) => (
        <div className="grid gap-0.5">
          <span>{labels.kind[kind]}</span>
          {step !== null && <span className="text-xs text-muted">{labels.step[step]}</span>}
        </div>
      ),
    },
    {
      id: 'cause',
      header: t.cause,
      from: 'sm',
      className: 'min-w-48',
      cell: (operation) => <OperationCause operation={operation} />,
    },
    { id: 'since', header: t.since, from: 'lg', cell: ({ requestedAt }) => <Time value={requestedAt} /> },
    ...(status === 'held'
      ? [
          {
            id: 'expires',
            header: t.expires,
            from: 'md',
            cell: ({ heldUntil }: TenantOperation) => <Time value={heldUntil} />,
          } satisfies Column<TenantOperation>,
        ]
      : []),
    {
      id: 'run',
      header: t.run,
      from: 'md',
      cell: ({ webUrl, workflowId }) => <WebUiLink href={webUrl} id={workflowId} />,
    },
    {
      id: 'actions',
      header: <span className="sr-only">{t.actions}</span>,
      align: 'end',
      cell: (operation) => (
        <OperationActions
          operation={operation}
          pending={change.isPending && change.variables.operation.operationId === operation.operationId}
          onDecide={(decision) => {
            change.reset();
            if (decision === 'continue') change.mutate({ operation, decision });
            else setAsked({ operation, decision });
          }}
        />
      ),
    },
  ];

  return (
    <>
      <PageHeader title={t.title} description={t.description} />
      <div className="mb-4 flex flex-wrap gap-2">
        <Select<OpenStatus>
          aria-label={t.status}
          className="w-44"
          value={status}
          onChange={(value) => setFilter('status', value)}
          options={STATUSES.map((value) => ({ value, label: labels.operationStatus[value] }))}
        />
        <SearchBox
          className="w-56 max-sm:w-full"
          label={t.tenant}
          placeholder={t.allTenants}
          value={tenantId}
          onChange={(value) => setFilter('tenant', value.trim())}
        />
      </div>
      <QueryView query={query}>
        {({ data, pagination: { total } }) => (
          <>
            {asked === null && change.error !== null && <ErrorPanel error={change.error} />}
            <Panel isFlush>
              <Table
                label={t.title}
                columns={columns}
                rows={data}
                rowKey={({ operationId }) => operationId}
                empty={<EmptyState icon="hand" title={t.none[status]} description={t.noneHint} />}
              />
            </Panel>
            {total > data.length && (
              <p className="text-xs text-muted">
                {t.shown(formatNumber(data.length, language), formatNumber(total, language))}
              </p>
            )}
          </>
        )}
      </QueryView>
      {asked !== null && (
        <ConfirmDialog
          open
          onOpenChange={() => setAsked(null)}
          {...t.confirm[asked.decision]}
          confirmLabel={labels.action[asked.decision]}
          tone={asked.decision === 'skip-verification' ? 'neutral' : 'danger'}
          pending={change.isPending}
          onConfirm={() => change.mutate(asked, { onSuccess: () => setAsked(null) })}
        >
          {change.error !== null && <ErrorPanel error={change.error} />}
        </ConfirmDialog>
      )}
    </>
  );
}
