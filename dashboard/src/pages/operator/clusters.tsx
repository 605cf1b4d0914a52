import type { Cluster } from '@store-platform/client';
import { useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { formatNumber } from '../../text/format.ts';
import { useLanguage } from '../../text/language.tsx';
import { useTexts } from '../../text/texts.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Time } from '../../ui/time.tsx';
import { CLUSTER_TEXTS } from './cluster/texts.ts';
import { ClusterDialog } from './cluster/cluster-dialog.tsx';
import { useClusterAddition, useClusterChange } from './cluster/use-cluster-change.ts';
import { QueryView } from './parts/query-view.tsx';
import { useOperatorQuery } from './parts/use-operator.ts';

/** The clusters: what they hold, and whether they accept new stores. */
export function ClustersPage() {
  const t = useTexts(CLUSTER_TEXTS);
  const query = useOperatorQuery(['clusters'], async () => dataOf(await api.GET('/api/admin/clusters')));
  const [isAdding, setAdding] = useState(false);
  const addition = useClusterAddition();
  const close = (): void => {
    setAdding(false);
    addition.reset();
  };
  return (
    <>
      <PageHeader
        title={t.title}
        description={t.description}
        actions={
          <Button variant="primary" icon="plus" onClick={() => setAdding(true)}>
            {t.add}
          </Button>
        }
      />
      {isAdding && (
        <ClusterDialog
          title={t.addTitle}
          description={t.addHint}
          saveLabel={t.add}
          error={addition.error}
          pending={addition.isPending}
          onSave={(settings) => addition.mutate(settings, { onSuccess: close })}
          onClose={close}
        />
      )}
      <QueryView query={query}>
        {({ data }) =>
          data.length === 0 ? (
            <Panel>
              <EmptyState icon="server" title={t.none} description={t.noneHint} />
            </Panel>
          ) : (
            data.map((cluster) => <ClusterPanel key={cluster.name} cluster={cluster} />)
          )
        }
      </QueryView>
    </>
  );
}

function ClusterPanel({ cluster }: { readonly cluster: Cluster }) {
  const t = useTexts(CLUSTER_TEXTS);
  const [asked, setAsked] = useState<'cordoned' | 'draining' | 'edit' | null>(null);
  const change = useClusterChange(cluster.name);
  const close = (): void => {
    setAsked(null);
    change.reset();
  };
  return (
    <Panel
      title={<span className="font-mono">{cluster.name}</span>}
      description={cluster.address ?? undefined}
      actions={
        <>
          <Button size="sm" icon="edit" onClick={() => setAsked('edit')}>
            {t.edit}
          </Button>
          {cluster.status === 'ready' && (
            <Button size="sm" icon="pause" onClick={() => setAsked('cordoned')}>
              {t.cordon}
            </Button>
          )}
          {cluster.status !== 'draining' && (
            <Button size="sm" icon="log-out" onClick={() => setAsked('draining')}>
              {t.drain}
            </Button>
          )}
          {cluster.status !== 'ready' && (
            <Button
              size="sm"
              variant="primary"
              icon="play"
              pending={change.isPending}
              onClick={() => change.mutate({ status: 'ready' })}
            >
              {t.uncordon}
            </Button>
          )}
        </>
      }
    >
      <ClusterFacts cluster={cluster} />
      {asked === null && change.error !== null && <ErrorPanel error={change.error} />}
      {(asked === 'cordoned' || asked === 'draining') && (
        <ConfirmDialog
          open
          onOpenChange={close}
          title={t.ask[asked](cluster.name)}
          description={t.askHint[asked]}
          confirmLabel={asked === 'cordoned' ? t.cordon : t.drain}
          tone="neutral"
          pending={change.isPending}
          onConfirm={() => change.mutate({ status: asked }, { onSuccess: close })}
        >
          {change.error !== null && <ErrorPanel error={change.error} />}
        </ConfirmDialog>
      )}
      {asked === 'edit' && (
        <ClusterDialog
          title={t.editTitle(cluster.name)}
          saveLabel={t.save}
          cluster={cluster}
          error={change.error}
          pending={change.isPending}
          onSave={({ capacity, labels }) => change.mutate({ capacity, labels }, { onSuccess: close })}
          onClose={close}
        />
      )}
    </Panel>
  );
}

function ClusterFacts({ cluster }: { readonly cluster: Cluster }) {
  const t = useTexts(CLUSTER_TEXTS);
  const { language } = useLanguage();
  const { capacity, residentStores, openOperations, isReachable, lastSeenAt, kubernetesVersion, nodes, labels } =
    cluster;
  const number = (value: number): string => formatNumber(value, language);
  const isFull = capacity !== null && residentStores >= capacity;
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-4 sm:grid-cols-3 xl:grid-cols-6">
      <Fact label={t.status}>
        {cluster.status !== 'ready' ? (
          <Badge tone="warning">{t[cluster.status]}</Badge>
        ) : isFull ? (
          <Badge tone="warning">{t.full}</Badge>
        ) : (
          <Badge tone="success">{t.ready}</Badge>
        )}
      </Fact>
      <Fact label={t.reachable}>
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          {isReachable ? <Badge tone="success">{t.yes}</Badge> : <Badge tone="danger">{t.no}</Badge>}
          <span className="text-xs text-muted">
            <Time value={lastSeenAt} />
          </span>
        </span>
      </Fact>
      <Fact label={t.stores}>
        <span className="grid gap-1">
          <span>{capacity === null ? number(residentStores) : t.of(number(residentStores), number(capacity))}</span>
          {capacity !== null && (
            <meter
              aria-label={t.stores}
              min={0}
              max={Math.max(capacity, 1)}
              value={residentStores}
              className="h-1.5 w-full max-w-32"
            />
          )}
        </span>
      </Fact>
      <Fact label={t.operations}>{number(openOperations)}</Fact>
      <Fact label="Kubernetes">
        <span className="grid justify-items-start gap-1">
          <span className="font-mono text-xs">{kubernetesVersion}</span>
          {nodes === 'simulated' && <Badge tone="info">{t.simulated}</Badge>}
        </span>
      </Fact>
      <Fact label={t.labels}>
        <span className="flex flex-wrap gap-1">
          {Object.entries(labels).map(([key, value]) => (
            <Badge key={key} dot={false}>
              {key}: {value}
            </Badge>
          ))}
          {Object.keys(labels).length === 0 && <span className="text-muted">–</span>}
        </span>
      </Fact>
    </dl>
  );
}

function Fact({ label, children }: { readonly label: string; readonly children: React.ReactNode }) {
  return (
    <div className="grid content-start gap-1">
      <dt className="text-xs text-muted">{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
