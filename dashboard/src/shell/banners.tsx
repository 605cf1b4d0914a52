import { useQuery, useQueryClient } from '@tanstack/react-query';
import { clsx } from 'clsx';
import { useEffect, useState, type ReactNode } from 'react';
import { useLive } from '../api/live.tsx';
import { healthQuery } from '../api/queries.ts';
import { useSession } from '../api/session.tsx';
import { defineTexts, useTexts } from '../text/texts.ts';
import { Icon, type IconName } from '../ui/icon.tsx';

const TEXTS = defineTexts({
  en: {
    label: 'State of the platform',
    offline: 'You are offline. The page shows the last known state, and continues when you are online again.',
    reconnecting: 'The API does not respond. The page reconnects by itself and misses nothing.',
    authenticationOff: 'Authentication is off: everyone who reaches this address acts as an operator.',
    simulated: 'The nodes are simulated: stores become ready, but no container runs and no store serves traffic.',
    noTenant: 'You are a member of no tenant. Ask an admin for an invitation.',
  },
  de: {
    label: 'Zustand der Plattform',
    offline:
      'Sie sind offline. Die Seite zeigt den letzten bekannten Stand und fährt fort, sobald Sie wieder online sind.',
    reconnecting: 'Die API antwortet nicht. Die Seite verbindet sich von selbst neu und verpasst nichts.',
    authenticationOff: 'Die Anmeldung ist ausgeschaltet: Wer diese Adresse erreicht, handelt als Betreiber.',
    simulated:
      'Die Nodes sind simuliert: Shops werden bereit, aber es läuft kein Container und kein Shop ist erreichbar.',
    noTenant: 'Sie sind Mitglied keines Mandanten. Bitten Sie einen Administrator um eine Einladung.',
  },
});
/** A restart of the API that is shorter needs no banner. The stream also ends and begins again every few minutes. */
const TOLERATED_MS = 2_000;

/** Says what a person must know about the platform on every page. */
export function Banners() {
  const t = useTexts(TEXTS);
  const { isAuthenticationOff, tenantId } = useSession();
  const connection = useBrokenConnection();
  const { data: health } = useQuery(healthQuery);
  return (
    <section aria-label={t.label} aria-live="polite">
      {connection !== undefined && (
        <Banner tone="warning" icon="wifi-off">
          {t[connection]}
        </Banner>
      )}
      {isAuthenticationOff && (
        <Banner tone="warning" icon="warning">
          {t.authenticationOff}
        </Banner>
      )}
      {tenantId === null && (
        <Banner tone="info" icon="info">
          {t.noTenant}
        </Banner>
      )}
      {health?.nodes === 'simulated' && (
        <Banner tone="info" icon="info">
          {t.simulated}
        </Banner>
      )}
    </section>
  );
}

function Banner({
  tone,
  icon,
  children,
}: {
  readonly tone: 'info' | 'warning';
  readonly icon: IconName;
  readonly children: ReactNode;
}) {
  return (
    <p
      className={clsx(
        'flex gap-2 border-b px-4 py-1.5 text-sm sm:px-6',
        tone === 'info'
          ? 'border-info-line bg-info-soft text-info'
          : 'border-warning-line bg-warning-soft text-warning',
      )}
    >
      <Icon name={icon} className="mt-0.5" />
      <span>{children}</span>
    </p>
  );
}

/** Returns the state of a connection that is broken for a while. When it heals, failed data is read again. */
function useBrokenConnection(): 'offline' | 'reconnecting' | undefined {
  const state = useLive();
  const client = useQueryClient();
  const isBroken = state === 'offline' || state === 'reconnecting';
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(isBroken), isBroken ? TOLERATED_MS : 0);
    return () => clearTimeout(timer);
  }, [isBroken]);
  useEffect(() => {
    if (state === 'connected')
      void client.refetchQueries({ predicate: ({ state: query }) => query.status === 'error' });
  }, [client, state]);
  return isShown && isBroken ? state : undefined;
}
