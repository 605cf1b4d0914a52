import { defineTexts, useTexts } from '../text/texts.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Kbd } from '../ui/kbd.tsx';
import { Bell } from './bell.tsx';
import type { NotificationList } from './notifications.ts';
import { UserMenu } from './user-menu.tsx';

const TEXTS = defineTexts({
  en: { open: 'Open the navigation', search: 'Search or jump to …' },
  de: { open: 'Navigation öffnen', search: 'Suchen oder springen …' },
});

const IS_APPLE = /mac|iphone|ipad/i.test(navigator.userAgent);

/** The bar above each page. */
export function TopBar({
  notifications,
  onOpenNavigation,
  onOpenPalette,
}: {
  readonly notifications: NotificationList;
  readonly onOpenNavigation: () => void;
  readonly onOpenPalette: () => void;
}) {
  const t = useTexts(TEXTS);
  return (
    <header className="sticky top-0 z-30 flex h-12 items-center gap-2 border-b border-line bg-surface px-4 sm:px-6">
      <Button
        variant="ghost"
        isSquare
        icon="menu"
        aria-label={t.open}
        onClick={onOpenNavigation}
        className="-ml-2 lg:hidden"
      />
      <button
        type="button"
        onClick={onOpenPalette}
        className="flex h-8 w-full max-w-xs items-center gap-2 rounded-md border border-line-control px-2.5 text-muted hover:bg-hover"
      >
        <Icon name="search" />
        <span className="truncate">{t.search}</span>
        <span className="ml-auto flex gap-0.5 max-sm:hidden">
          <Kbd>{IS_APPLE ? '⌘' : 'Ctrl'}</Kbd>
          <Kbd>K</Kbd>
        </span>
      </button>
      <span className="flex-1" />
      <Bell list={notifications} />
      <UserMenu />
    </header>
  );
}
