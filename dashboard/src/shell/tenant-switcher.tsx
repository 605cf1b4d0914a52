import { useLocation } from 'wouter';
import { switchTenant, useSession } from '../api/session.tsx';
import { defineTexts, useTexts } from '../text/texts.ts';
import { Icon } from '../ui/icon.tsx';
import { Menu, MenuChoice } from '../ui/menu.tsx';

const TEXTS = defineTexts({
  en: { tenant: 'Tenant', none: 'No tenant', roles: { viewer: 'Viewer', member: 'Member', admin: 'Admin' } },
  de: {
    tenant: 'Mandant',
    none: 'Kein Mandant',
    roles: { viewer: 'Lesezugriff', member: 'Mitglied', admin: 'Administrator' },
  },
});

/** Shows the chosen tenant with the role of the person in it, and changes it. */
export function TenantSwitcher() {
  const t = useTexts(TEXTS);
  const { tenants, tenantId, role } = useSession();
  const [, navigate] = useLocation();
  const current = tenants.find((tenant) => tenant.tenantId === tenantId);
  const choose = async (chosen: string): Promise<void> => {
    if (chosen === tenantId) return;
    await switchTenant(chosen);
    navigate('/');
  };
  return (
    <Menu
      align="start"
      className="w-56"
      trigger={
        <button
          type="button"
          className="flex items-center gap-2 rounded-md border border-line px-2 py-1.5 text-left hover:bg-hover"
        >
          <span className="grid min-w-0 flex-1">
            <span className="truncate font-medium">
              <span className="sr-only">{t.tenant}: </span>
              {current?.name ?? tenantId ?? t.none}
            </span>
            {role !== null && <span className="truncate text-xs text-muted">{t.roles[role]}</span>}
          </span>
          <Icon name="chevrons" className="text-muted" />
        </button>
      }
    >
      <MenuChoice
        label={t.tenant}
        value={tenantId ?? ''}
        onChange={(chosen) => void choose(chosen)}
        options={tenants.map((tenant) => ({ value: tenant.tenantId, label: tenant.name }))}
      />
    </Menu>
  );
}
