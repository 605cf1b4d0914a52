import type { Schedule } from '@store-platform/client';
import { api, dataOf } from '../../api/client.ts';
import { defineTexts, useTexts } from '../../text/texts.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Duration } from '../../ui/duration.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Table, type Column } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { QueryView } from './parts/query-view.tsx';
import { useOperatorChange, useOperatorQuery } from './parts/use-operator.ts';

type ScheduleName = Schedule['name'];
type ScheduleKey = Pick<Schedule, 'name' | 'cluster'>;
type Change = 'pause' | 'resume' | 'trigger';

const TEXTS = defineTexts({
  en: {
    title: 'Schedules',
    description: 'The reconciler compares the cluster with the records. Each schedule starts one pass at a time.',
    names: {
      'reconcile-stores': 'Starts operations that have no run, and finds lost runs',
      'reconcile-waiting-stores': 'Finds the lost runs of operations that wait',
      'reconcile-cluster': 'Finds drift, orphans, and records whose retention is over',
      'verify-stores': 'Verifies ready stores',
    } satisfies Record<ScheduleName, string>,
    schedule: 'Schedule',
    state: 'State',
    running: 'Running',
    paused: 'Paused',
    active: 'Active',
    interval: 'Every',
    last: 'Last pass',
    next: 'Next pass',
    note: 'Last changed',
    actions: 'Actions',
    change: { pause: 'Pause', resume: 'Resume', trigger: 'Run now' } satisfies Record<Change, string>,
    done: {
      pause: (name: string) => `The schedule ${name} is paused.`,
      resume: (name: string) => `The schedule ${name} continues.`,
      trigger: (name: string) => `A pass of ${name} starts.`,
    },
    none: 'No schedule exists yet',
    noneHint: 'A worker creates the schedules when it starts.',
  },
  de: {
    title: 'Zeitpläne',
    description:
      'Der Reconciler vergleicht den Cluster mit den Datensätzen. Jeder Zeitplan startet einen Durchlauf nach dem anderen.',
    names: {
      'reconcile-stores': 'Startet Vorgänge ohne Run und findet verlorene Runs',
      'reconcile-waiting-stores': 'Findet verlorene Runs von Vorgängen, die warten',
      'reconcile-cluster': 'Findet Abweichungen, verwaiste Objekte und abgelaufene Datensätze',
      'verify-stores': 'Prüft bereite Shops',
    },
    schedule: 'Zeitplan',
    state: 'Zustand',
    running: 'Läuft',
    paused: 'Pausiert',
    active: 'Aktiv',
    interval: 'Alle',
    last: 'Letzter Durchlauf',
    next: 'Nächster Durchlauf',
    note: 'Zuletzt geändert',
    actions: 'Aktionen',
    change: { pause: 'Pausieren', resume: 'Fortsetzen', trigger: 'Jetzt starten' },
    done: {
      pause: (name: string) => `Der Zeitplan ${name} ist pausiert.`,
      resume: (name: string) => `Der Zeitplan ${name} läuft wieder.`,
      trigger: (name: string) => `Ein Durchlauf von ${name} startet.`,
    },
    none: 'Noch gibt es keinen Zeitplan',
    noneHint: 'Ein Worker legt die Zeitpläne bei seinem Start an.',
  },
});

async function send({ name, cluster, change }: ScheduleKey & { readonly change: Change }) {
  const params = { path: { name }, ...(cluster === null ? {} : { query: { cluster } }) };
  return dataOf(await api.POST(`/api/admin/schedules/{name}/${change}`, { params }));
}

/** Returns a text that is different for each schedule. */
function keyOf({ name, cluster }: ScheduleKey): string {
  return `${cluster ?? ''}/${name}`;
}

/** The schedules of the reconciler. */
export function SchedulesPage() {
  const t = useTexts(TEXTS);
  const query = useOperatorQuery(['schedules'], async () => dataOf(await api.GET('/api/admin/schedules')));
  const change = useOperatorChange(send, (input) => t.done[input.change](input.name));
  const isPending = (schedule: ScheduleKey, action: Change): boolean =>
    change.isPending && keyOf(change.variables) === keyOf(schedule) && change.variables.change === action;
  const columns: readonly Column<Schedule>[] = [
    {
      id: 'name',
      header: t.schedule,
      cell: (schedule) => (
        <div className="grid gap-0.5 sm:min-w-44">
          <code className="font-mono text-xs font-medium">{schedule.name}</code>
          <span className="text-xs text-muted">
            {t.names[schedule.name]}
            {schedule.cluster === null ? null : ` (${schedule.cluster})`}
          </span>
          <span className="mt-1 sm:hidden">
            <ScheduleState schedule={schedule} />
          </span>
        </div>
      ),
    },
    { id: 'state', header: t.state, from: 'sm', cell: (schedule) => <ScheduleState schedule={schedule} /> },
    {
      id: 'interval',
      header: t.interval,
      from: 'lg',
      cell: ({ intervalSeconds }) => (intervalSeconds === null ? '–' : <Duration ms={intervalSeconds * 1_000} />),
    },
    { id: 'last', header: t.last, from: 'sm', cell: ({ lastRunAt }) => <Time value={lastRunAt} /> },
    { id: 'next', header: t.next, from: 'sm', cell: ({ nextRunAt }) => <Time value={nextRunAt} /> },
    {
      id: 'note',
      header: t.note,
      from: 'xl',
      cell: ({ note }) => <span className="text-xs text-muted">{note ?? '–'}</span>,
    },
    {
      id: 'actions',
      header: <span className="sr-only">{t.actions}</span>,
      align: 'end',
      cell: (schedule) => {
        const { name, cluster, isPaused } = schedule;
        const toggle = isPaused ? 'resume' : 'pause';
        return (
          <div className="flex justify-end gap-2 max-sm:flex-col">
            {([toggle, 'trigger'] as const).map((action) => (
              <Button
                key={action === 'trigger' ? 'trigger' : 'toggle'}
                size="sm"
                icon={action === 'pause' ? 'pause' : action === 'resume' ? 'play' : 'zap'}
                pending={isPending(schedule, action)}
                aria-label={`${t.change[action]}: ${name}`}
                onClick={() => change.mutate({ name, cluster, change: action })}
              >
                {t.change[action]}
              </Button>
            ))}
          </div>
        );
      },
    },
  ];
  return (
    <>
      <PageHeader title={t.title} description={t.description} />
      <QueryView query={query}>
        {({ data }) => (
          <>
            {change.error !== null && <ErrorPanel error={change.error} />}
            <Panel isFlush>
              <Table
                label={t.title}
                columns={columns}
                rows={data}
                rowKey={keyOf}
                empty={<EmptyState icon="calendar" title={t.none} description={t.noneHint} />}
              />
            </Panel>
          </>
        )}
      </QueryView>
    </>
  );
}

function ScheduleState({ schedule: { isPaused, isRunning } }: { readonly schedule: Schedule }) {
  const t = useTexts(TEXTS);
  return (
    <div className="flex flex-wrap gap-1">
      {isPaused ? <Badge tone="warning">{t.paused}</Badge> : <Badge tone="success">{t.active}</Badge>}
      {isRunning && (
        <Badge tone="info" isLive>
          {t.running}
        </Badge>
      )}
    </div>
  );
}
