import type { StoreCondition } from '@store-platform/client';
import type { ReactNode } from 'react';
import { defineTexts, useTexts } from '../../../text/texts.ts';
import { Badge, type Tone } from '../../../ui/badge.tsx';
import { Panel } from '../../../ui/panel.tsx';
import { Time } from '../../../ui/time.tsx';
import type { VersionedStore } from '../data/store.ts';

const TEXTS = defineTexts({
  en: {
    title: 'Health',
    since: 'since',
    ended: 'ended',
    degraded: 'The hourly verification fails',
    drift: 'The store differs from its release',
    changed: 'changed',
    missing: 'missing',
    needsPerson: 'Needs a person',
    conditions: {
      ReadinessDelayed: 'Becoming ready is delayed',
      Stalled: 'The operation makes no progress',
      RepairsSuspended: 'The platform no longer repairs the store',
      DataMissing: 'Data of the store is missing',
    } satisfies Record<StoreCondition['type'], string>,
  },
  de: {
    title: 'Zustand',
    since: 'seit',
    ended: 'beendet',
    degraded: 'Die stündliche Prüfung schlägt fehl',
    drift: 'Der Shop weicht von seinem Release ab',
    changed: 'geändert',
    missing: 'fehlt',
    needsPerson: 'Braucht einen Menschen',
    conditions: {
      ReadinessDelayed: 'Der Shop wird später bereit',
      Stalled: 'Der Vorgang kommt nicht voran',
      RepairsSuspended: 'Die Plattform repariert den Shop nicht mehr',
      DataMissing: 'Daten des Shops fehlen',
    },
  },
});

/** Shows conditions, drift and a verification that fails. The status contains none of them. Shows nothing for a healthy store. */
export function HealthPanel({ store }: { readonly store: VersionedStore }) {
  const t = useTexts(TEXTS);
  const { degraded, drift, conditions } = store;
  if (degraded === null && drift === null && conditions.length === 0) return null;
  return (
    <Panel title={t.title}>
      <ul className="grid gap-4">
        {degraded !== null && (
          <Finding tone="danger" title={t.degraded} since={degraded.since}>
            <p>
              <code className="font-mono">{degraded.step}</code>: {degraded.message}
            </p>
          </Finding>
        )}
        {drift !== null && (
          <Finding tone="warning" title={t.drift} since={drift.since}>
            <DriftedObjects objects={drift.objects} />
          </Finding>
        )}
        {conditions.map(({ type, status, reason, message, lastTransitionTime }) => (
          <Finding
            key={type}
            tone={status === 'True' ? 'warning' : 'neutral'}
            title={t.conditions[type]}
            since={lastTransitionTime}
            hasEnded={status === 'False'}
          >
            <p>
              <code className="font-mono">{reason}</code>: {message}
            </p>
          </Finding>
        ))}
      </ul>
    </Panel>
  );
}

function Finding({
  tone,
  title,
  since,
  hasEnded = false,
  children,
}: {
  readonly tone: Tone;
  readonly title: string;
  readonly since: string;
  readonly hasEnded?: boolean;
  readonly children: ReactNode;
}) {
  const t = useTexts(TEXTS);
  return (
    <li className="grid min-w-0 gap-1">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Badge tone={tone}>{title}</Badge>
        <span className="text-xs text-muted">
          {hasEnded ? t.ended : t.since} <Time value={since} />
        </span>
      </div>
      <div className="text-xs text-muted">{children}</div>
    </li>
  );
}

function DriftedObjects({ objects }: { readonly objects: NonNullable<VersionedStore['drift']>['objects'] }) {
  const t = useTexts(TEXTS);
  return (
    <ul className="grid gap-1">
      {objects.map(({ object, state, fields, needsPerson }) => (
        <li key={object}>
          <code className="font-mono">{object}</code>: {t[state]}
          {fields.length > 0 && <code className="font-mono"> ({fields.join(', ')})</code>}
          {needsPerson !== null && (
            <span className="block text-warning">
              {t.needsPerson}: {needsPerson}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
