import type { Unaccounted } from '@store-platform/client';
import { useState } from 'react';
import { api, dataOf } from '../../../api/client.ts';
import { formatNumber } from '../../../text/format.ts';
import { useLanguage } from '../../../text/language.tsx';
import { useTexts } from '../../../text/texts.ts';
import { Badge, type Tone } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Menu, MenuItem } from '../../../ui/menu.tsx';
import { Panel } from '../../../ui/panel.tsx';
import { Table, type Column } from '../../../ui/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { ENGINE_NAMES } from '../../stores/model/catalogue.ts';
import { QueryView } from '../parts/query-view.tsx';
import { useOperatorChange, useOperatorQuery } from '../parts/use-operator.ts';
import { UNACCOUNTED_TEXTS } from './texts.ts';

type Decision = NonNullable<Unaccounted['decision']>;
const TONES = { adopt: 'success', keep: 'neutral', remove: 'danger' } as const satisfies Record<Decision, Tone>;
const LIMIT = 100;

async function send({ namespace, decision }: { readonly namespace: string; readonly decision: Decision }) {
  return dataOf(await api.POST(`/api/admin/unaccounted/{namespace}/${decision}`, { params: { path: { namespace } } }));
}

/** Namespaces with data whose stores have no record. */
export function NamespaceList() {
  const t = useTexts(UNACCOUNTED_TEXTS);
  const { language } = useLanguage();
  const [removed, setRemoved] = useState<Unaccounted | null>(null);
  const query = useOperatorQuery(['unaccounted'], async () =>
    dataOf(await api.GET('/api/admin/unaccounted', { params: { query: { limit: LIMIT } } })),
  );
  const change = useOperatorChange(send, ({ namespace, decision }) => t.done[decision](namespace));
  const isPending = (namespace: string): boolean => change.isPending && change.variables.namespace === namespace;
  const columns: readonly Column<Unaccounted>[] = [
    {
      id: 'namespace',
      header: t.namespace,
      className: 'sm:min-w-48',
      cell: ({ namespace, problem }) => (
        <div className="grid gap-0.5">
          <code className="font-mono text-xs font-medium">{namespace}</code>
          {problem !== null && <span className="text-xs text-danger">{problem}</span>}
        </div>
      ),
    },
    {
      id: 'store',
      header: t.store,
      from: 'sm',
      cell: ({ name, tenantId, engine }) => (
        <div className="grid gap-0.5">
          <span>{name}</span>
          <span className="text-xs text-muted">
            {tenantId} · {ENGINE_NAMES[engine]}
          </span>
        </div>
      ),
    },
    {
      id: 'evidence',
      header: t.evidence,
      from: 'md',
      cell: ({ evidence: { readySince, boundClaims, readyPods } }) => (
        <ul className="grid gap-0.5 text-xs text-muted">
          {readySince !== null && (
            <li>
              {t.readySince} <Time value={readySince} absolute />
            </li>
          )}
          <li title={boundClaims.join(', ')}>{`${t.claims}: ${formatNumber(boundClaims.length, language)}`}</li>
          <li title={readyPods.join(', ')}>{`${t.pods}: ${formatNumber(readyPods.length, language)}`}</li>
        </ul>
      ),
    },
    { id: 'seen', header: t.seen, from: 'lg', cell: ({ firstSeen }) => <Time value={firstSeen} /> },
    {
      id: 'decision',
      header: t.decision,
      cell: ({ decision, adoptedAt }) =>
        adoptedAt !== null ? (
          <Badge tone="success">{t.adopted}</Badge>
        ) : decision === null ? (
          <Badge tone="warning">{t.undecided}</Badge>
        ) : (
          <Badge tone={TONES[decision]}>{t.decisions[decision]}</Badge>
        ),
    },
    {
      id: 'actions',
      header: <span className="sr-only">{t.actions}</span>,
      align: 'end',
      cell: (entry) => {
        const { namespace, adoptedAt } = entry;
        if (adoptedAt !== null) return null;
        return (
          <div className="flex justify-end gap-2">
            <Button
              size="sm"
              icon="undo"
              pending={isPending(namespace)}
              aria-label={`${t.decisions.adopt}: ${namespace}`}
              onClick={() => change.mutate({ namespace, decision: 'adopt' })}
            >
              {t.decisions.adopt}
            </Button>
            <Menu trigger={<Button size="sm" variant="ghost" isSquare icon="more" aria-label={t.more(namespace)} />}>
              <MenuItem icon="lock" onSelect={() => change.mutate({ namespace, decision: 'keep' })}>
                {t.decisions.keep}
              </MenuItem>
              <MenuItem icon="trash" tone="danger" onSelect={() => setRemoved(entry)}>
                {t.decisions.remove}
              </MenuItem>
            </Menu>
          </div>
        );
      },
    },
  ];
  return (
    <QueryView query={query}>
      {({ data, pagination: { total } }) => (
        <>
          {removed === null && change.error !== null && <ErrorPanel error={change.error} />}
          <Panel isFlush>
            <Table
              label={t.tabs.namespaces}
              columns={columns}
              rows={data}
              rowKey={({ namespace }) => namespace}
              empty={<EmptyState icon="check-circle" title={t.none} description={t.noneHint} />}
            />
          </Panel>
          {total > data.length && (
            <p className="text-xs text-muted">
              {t.shown(formatNumber(data.length, language), formatNumber(total, language))}
            </p>
          )}
          {removed !== null && (
            <ConfirmDialog
              open
              onOpenChange={() => setRemoved(null)}
              title={t.removeTitle(removed.namespace)}
              description={t.removeHint}
              confirmLabel={t.removeConfirm}
              typeToConfirm={removed.namespace}
              pending={change.isPending}
              onConfirm={() =>
                change.mutate(
                  { namespace: removed.namespace, decision: 'remove' },
                  { onSuccess: () => setRemoved(null) },
                )
              }
            >
              {change.error !== null && <ErrorPanel error={change.error} />}
            </ConfirmDialog>
          )}
        </>
      )}
    </QueryView>
  );
}
