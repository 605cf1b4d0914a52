import { clsx } from 'clsx';
import { Dialog } from 'radix-ui';
import { Link, useRoute } from 'wouter';
import { useSession } from '../api/session.tsx';
import { ROUTES, type NavGroup, type Route } from '../routes.tsx';
import { ROUTE_TEXTS } from '../routes-texts.ts';
import { defineTexts, useTexts } from '../text/texts.ts';
import { Button } from '../ui/button.tsx';
import { OVERLAY } from '../ui/dialog.tsx';
import { Icon } from '../ui/icon.tsx';
import { TenantSwitcher } from './tenant-switcher.tsx';

const TEXTS = defineTexts({
  en: {
    navigation: 'Main navigation',
    close: 'Close the navigation',
    groups: { tenant: 'Tenant', settings: 'Settings', operator: 'Operator' },
  },
  de: {
    navigation: 'Hauptnavigation',
    close: 'Navigation schließen',
    groups: { tenant: 'Mandant', settings: 'Einstellungen', operator: 'Betrieb' },
  },
});
const GROUPS: readonly NavGroup[] = ['tenant', 'settings', 'operator'];

/** The navigation at the side of wide pages. */
export function Sidebar() {
  return (
    <div className="sticky top-0 h-dvh overflow-y-auto border-r border-line bg-surface max-lg:hidden">
      <Navigation />
    </div>
  );
}

/** The navigation of narrow pages, above the page. */
export function SidebarDrawer({
  open,
  onOpenChange,
}: {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}) {
  const t = useTexts(TEXTS);
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className={OVERLAY} />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-y-0 left-0 z-50 w-72 max-w-[85vw] overflow-y-auto border-r border-line-strong bg-surface"
        >
          <Dialog.Title className="sr-only">{t.navigation}</Dialog.Title>
          <Dialog.Close asChild>
            <Button variant="ghost" isSquare icon="close" aria-label={t.close} className="absolute top-2 right-2" />
          </Dialog.Close>
          <Navigation onNavigate={() => onOpenChange(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Navigation({ onNavigate }: { readonly onNavigate?: () => void }) {
  const t = useTexts(TEXTS);
  const session = useSession();
  return (
    <nav aria-label={t.navigation} className="flex min-h-full flex-col gap-4 p-3">
      <Link
        href="/"
        onClick={onNavigate}
        className="flex h-8 items-center gap-2 self-start rounded-md px-2 font-semibold"
      >
        <img src="/favicon.svg" alt="" width="20" height="20" />
        Store platform
      </Link>
      <TenantSwitcher />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        {GROUPS.map((group) => {
          const routes = ROUTES.filter(({ nav, needs }) => nav === group && session.can(needs));
          if (routes.length === 0) return null;
          return (
            <div key={group}>
              <p
                id={`nav-${group}`}
                className={clsx('px-2 pb-1 text-xs font-medium text-muted', group === 'tenant' && 'sr-only')}
              >
                {t.groups[group]}
              </p>
              <ul aria-labelledby={`nav-${group}`} className="grid grid-cols-[minmax(0,1fr)] gap-0.5">
                {routes.map((route) => (
                  <li key={route.path}>
                    <NavLink route={route} onNavigate={onNavigate} />
                  </li>
                ))}
              </ul>
            </div>
          );
        })}
      </div>
    </nav>
  );
}

function NavLink({ route, onNavigate }: { readonly route: Route; readonly onNavigate: (() => void) | undefined }) {
  const titles = useTexts(ROUTE_TEXTS);
  const [isExact] = useRoute(route.path);
  const [isBelow] = useRoute(
    route.path === '/' ? '/stores/*' : route.path === '/operator' ? '/operator' : `${route.path}/*`,
  );
  const isCurrent = isExact || isBelow;
  return (
    <Link
      href={route.path}
      onClick={onNavigate}
      aria-current={isExact ? 'page' : isCurrent ? 'true' : undefined}
      className={clsx(
        'flex h-8 items-center gap-2 rounded-md px-2',
        isCurrent ? 'bg-active font-medium text-fg' : 'text-muted hover:bg-hover hover:text-fg',
      )}
    >
      <Icon name={route.icon} />
      <span className="truncate">{titles[route.title]}</span>
    </Link>
  );
}
