import type { Quota } from '@store-platform/client';
import { useQuery } from '@tanstack/react-query';
import { clsx } from 'clsx';
import { quotaQuery } from '../../../api/queries.ts';
import { useSession } from '../../../api/session.tsx';
import { formatNumber } from '../../../text/format.ts';
import { useLanguage } from '../../../text/language.tsx';
import { useTexts } from '../../../text/texts.ts';
import { Badge } from '../../../ui/badge.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { Meter } from '../../../ui/meter.tsx';
import { Panel } from '../../../ui/panel.tsx';
import { RoleBadge } from '../shared/roles.tsx';
import { PROFILE_TEXTS } from './texts.ts';

/** The tenants of the person, and what the chosen one uses of its quota. */
export function TenantPanel() {
  const t = useTexts(PROFILE_TEXTS);
  const { tenants, tenantId } = useSession();
  if (tenants.length === 0 && tenantId === null) {
    return (
      <Panel title={t.tenants}>
        <EmptyState icon="building" title={t.noTenants} />
      </Panel>
    );
  }
  return (
    <Panel title={t.tenants} description={t.tenantsDescription} isFlush>
      <ul>
        {tenants.map((tenant) => (
          <li key={tenant.tenantId} className="grid gap-3 border-b border-line px-4 py-3 last:border-b-0">
            <div className="flex flex-wrap items-center gap-2">
              <span className="font-medium">{tenant.name}</span>
              <code className="font-mono text-xs text-muted">{tenant.tenantId}</code>
              <RoleBadge role={tenant.role} />
              {tenant.tenantId === tenantId && <Badge tone="success">{t.current}</Badge>}
            </div>
            {tenant.tenantId === tenantId && <Usage />}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Usage() {
  const t = useTexts(PROFILE_TEXTS);
  const { data } = useQuery(quotaQuery);
  return (
    <div className="grid max-w-xl gap-x-6 gap-y-3 sm:grid-cols-2">
      <UsageMeter label={t.stores} use={data?.stores} />
      <UsageMeter label={t.operations} use={data?.runningOperations} />
    </div>
  );
}

function UsageMeter({ label, use }: { readonly label: string; readonly use: Quota['stores'] | undefined }) {
  const t = useTexts(PROFILE_TEXTS);
  const { language } = useLanguage();
  const { used = 0, limit = 0 } = use ?? {};
  const text = t.used(formatNumber(used, language), formatNumber(limit, language));
  return (
    <div className={clsx('grid gap-1', use === undefined && 'invisible')}>
      <div className="flex justify-between gap-2 text-xs">
        <span className="text-muted">{label}</span>
        <span>{text}</span>
      </div>
      <Meter used={used} limit={limit} />
    </div>
  );
}
