import { ApiError, type Webhook } from '@store-platform/client';
import { useQuery } from '@tanstack/react-query';
import { useParams } from 'wouter';
import { api, dataOf } from '../../api/client.ts';
import { useDocumentTitle } from '../../shell/page-focus.ts';
import { useTexts } from '../../text/texts.ts';
import { Badge } from '../../ui/badge.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Icon } from '../../ui/icon.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Time } from '../../ui/time.tsx';
import { Facts } from './shared/facts.tsx';
import { TableSkeleton } from './shared/lists.tsx';
import { settingsKeys } from './shared/settings-keys.ts';
import { DeliveryTable } from './webhooks/delivery-table.tsx';
import { DETAIL_TEXTS } from './webhooks/detail-texts.ts';
import { WebhookState } from './webhooks/state-badge.tsx';
import { WEBHOOK_TEXTS } from './webhooks/texts.ts';
import { WebhookActions } from './webhooks/webhook-actions.tsx';

const REFETCH_MS = 15_000;
const NOT_FOUND = 404;

/** A webhook with its deliveries. */
export function WebhookPage() {
  const t = useTexts(DETAIL_TEXTS);
  const { id } = useParams<{ id: string }>();
  const { data, error, refetch } = useQuery({
    queryKey: settingsKeys.webhook(id),
    queryFn: async () => dataOf(await api.GET('/api/webhooks/{id}', { params: { path: { id } } })),
    // The platform can disable it at any time.
    refetchInterval: REFETCH_MS,
  });
  useDocumentTitle(data?.url);
  const isMissing = error instanceof ApiError && error.status === NOT_FOUND;
  return (
    <>
      <PageHeader
        title={
          data === undefined ? (
            t.breadcrumb
          ) : (
            <span className="flex flex-wrap items-center gap-x-3 gap-y-1 break-all">
              {data.url} <WebhookState webhook={data} />
            </span>
          )
        }
        description={data?.description === '' ? undefined : data?.description}
        breadcrumbs={[{ label: t.breadcrumb, href: '/settings/webhooks' }]}
        breadcrumbsLabel={t.breadcrumbs}
        actions={data !== undefined && <WebhookActions webhook={data} />}
      />
      {isMissing ? (
        <EmptyState icon="webhook" title={t.missing} description={t.missingHint} />
      ) : data !== undefined ? (
        <div className="grid gap-6">
          <Warning webhook={data} />
          <DeliveryTable webhookId={id} isEnabled={data.status === 'enabled'} />
          <WebhookFacts webhook={data} />
        </div>
      ) : error !== null ? (
        <ErrorPanel error={error} onRetry={refetch} />
      ) : (
        <Panel>
          <TableSkeleton />
        </Panel>
      )}
    </>
  );
}

/** Says why a webhook gets no messages. */
function Warning({ webhook: { disabledReason, failingSince } }: { readonly webhook: Webhook }) {
  const t = useTexts(DETAIL_TEXTS);
  if (disabledReason === null && failingSince === null) return null;
  const { title, text } =
    disabledReason === null ? { title: t.failingTitle, text: t.failingText } : t.reasons[disabledReason];
  return (
    <div className="flex gap-3 rounded-lg border border-warning-line bg-warning-soft p-4">
      <Icon name="warning" className="mt-0.5 text-warning" />
      <div className="grid gap-1">
        <p className="font-semibold">
          {title} {disabledReason === null && <Time value={failingSince} absolute />}
        </p>
        <p>{text}</p>
      </div>
    </div>
  );
}

function WebhookFacts({ webhook }: { readonly webhook: Webhook }) {
  const t = useTexts(DETAIL_TEXTS);
  const { allEvents } = useTexts(WEBHOOK_TEXTS);
  const { webhookId, eventTypes, createdAt, updatedAt } = webhook;
  return (
    <Panel title={t.facts}>
      <Facts
        facts={[
          {
            label: t.events,
            value:
              eventTypes === null ? (
                allEvents
              ) : (
                <span className="flex flex-wrap gap-1">
                  {eventTypes.map((type) => (
                    <Badge key={type} dot={false} className="font-mono">
                      {type}
                    </Badge>
                  ))}
                </span>
              ),
          },
          { label: t.secrets, value: <Secrets webhook={webhook} /> },
          { label: t.createdAt, value: <Time value={createdAt} /> },
          { label: t.updatedAt, value: <Time value={updatedAt} /> },
          {
            label: t.id,
            value: (
              <span className="flex items-center gap-1">
                <code className="font-mono text-xs break-all">{webhookId}</code>
                <CopyButton text={webhookId} label={t.copyId} />
              </span>
            ),
          },
        ]}
      />
    </Panel>
  );
}

function Secrets({ webhook: { secrets } }: { readonly webhook: Webhook }) {
  const t = useTexts(DETAIL_TEXTS);
  return (
    <ul className="grid gap-1">
      {secrets.map(({ createdAt, expiresAt }) => (
        <li key={createdAt} className="flex flex-wrap items-center gap-x-1.5">
          {expiresAt === null && <Badge dot={false}>{t.newest}</Badge>}
          <span>
            {t.secretSince} <Time value={createdAt} />
          </span>
          {expiresAt !== null && (
            <span>
              · {t.secretUntil} <Time value={expiresAt} absolute />
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
