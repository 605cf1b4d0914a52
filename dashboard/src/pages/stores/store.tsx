import { ApiError } from '@store-platform/client';
import { Link, useParams } from 'wouter';
import { useTexts } from '../../text/texts.ts';
import { buttonClasses } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useStore, type VersionedStore } from './data/store.ts';
import { ActionButtons } from './detail/actions.tsx';
import { CredentialsPanel } from './detail/credentials-panel.tsx';
import { DangerZone } from './detail/danger-zone.tsx';
import { EventsPanel } from './detail/events-panel.tsx';
import { FactsPanel } from './detail/facts-panel.tsx';
import { FailurePanel } from './detail/failure-panel.tsx';
import { HealthPanel } from './detail/health-panel.tsx';
import { StoreHeader } from './detail/store-header.tsx';
import { OperationsPanel } from './detail/operations-panel.tsx';
import { STORE_TEXTS } from './detail/texts.ts';

const NOT_FOUND = 404;
/** An id in the address that is no UUID. */
const NOT_VALID = 400;

/** Shows one store, and what happens to it. */
export function StorePage() {
  const { id } = useParams<{ id: string }>();
  // Another store is another page: nothing of the first one stays, such as shown credentials.
  return <StoreOf key={id} storeId={id} />;
}

function StoreOf({ storeId }: { readonly storeId: string }) {
  const { data: store, error, refetch } = useStore(storeId);
  if (store !== undefined) return <StoreDetail store={store} />;
  if (error instanceof ApiError && (error.status === NOT_FOUND || error.status === NOT_VALID)) return <NoStore />;
  return error === null ? <LoadingStore /> : <ErrorPanel error={error} onRetry={refetch} />;
}

function StoreDetail({ store }: { readonly store: VersionedStore }) {
  const { storeId, failure } = store;
  return (
    <>
      <StoreHeader store={store} actions={failure === null ? <ActionButtons store={store} /> : undefined} />
      <div className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="grid min-w-0 content-start gap-6">
          {failure !== null && <FailurePanel store={store} failure={failure} />}
          <OperationsPanel storeId={storeId} />
          <EventsPanel storeId={storeId} />
        </div>
        <div className="grid min-w-0 content-start gap-6">
          <HealthPanel store={store} />
          <FactsPanel store={store} />
          <CredentialsPanel store={store} />
        </div>
        <div className="lg:col-span-2">
          <DangerZone store={store} />
        </div>
      </div>
    </>
  );
}

function NoStore() {
  const t = useTexts(STORE_TEXTS);
  return (
    <>
      <PageHeader title={t.notFound} />
      <EmptyState
        icon="store"
        title={t.notFoundHint}
        action={
          <Link href="/" className={buttonClasses({ variant: 'primary' })}>
            {t.toList}
          </Link>
        }
      />
    </>
  );
}

function LoadingStore() {
  const t = useTexts(STORE_TEXTS);
  return (
    <>
      <PageHeader
        title={<Skeleton className="h-7 w-56" />}
        breadcrumbs={[{ label: t.stores, href: '/' }]}
        breadcrumbsLabel={t.breadcrumbs}
      />
      <div aria-hidden="true" className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <LoadingPanel />
        <LoadingPanel />
      </div>
    </>
  );
}

const LINES = ['w-1/2', 'w-2/3', 'w-1/3', 'w-3/5', 'w-2/5'];

function LoadingPanel() {
  return (
    <div className="rounded-lg border border-line bg-surface">
      <div className="border-b border-line px-4 py-3">
        <Skeleton className="h-4 w-24" />
      </div>
      <div className="grid gap-4 p-4">
        {LINES.map((width) => (
          <Skeleton key={width} className={`h-4 ${width}`} />
        ))}
      </div>
    </div>
  );
}
