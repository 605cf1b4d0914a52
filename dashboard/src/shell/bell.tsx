import { clsx } from 'clsx';
import { DropdownMenu } from 'radix-ui';
import { useSyncExternalStore } from 'react';
import { useLocation } from 'wouter';
import { formatRelative } from '../text/format.ts';
import { useLanguage } from '../text/language.tsx';
import { defineTexts, useTexts } from '../text/texts.ts';
import { Button } from '../ui/button.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';
import { MENU_CONTENT, MenuLink } from '../ui/menu.tsx';
import { useNow } from '../ui/use-now.ts';
import { OUTCOMES, type Notification, type NotificationList } from './notifications.ts';
import { OUTCOME_TEXTS } from './outcome-texts.ts';

const TEXTS = defineTexts({
  en: {
    label: (unread: number) => (unread === 0 ? 'Notifications' : `Notifications, ${unread} unread`),
    title: 'Notifications',
    none: 'Outcomes of operations appear here.',
    unread: 'Unread',
  },
  de: {
    label: (unread: number) => (unread === 0 ? 'Benachrichtigungen' : `Benachrichtigungen, ${unread} ungelesen`),
    title: 'Benachrichtigungen',
    none: 'Hier erscheinen die Ergebnisse von Vorgängen.',
    unread: 'Ungelesen',
  },
});

const ICONS = {
  success: { name: 'check-circle', className: 'text-success' },
  danger: { name: 'alert', className: 'text-danger' },
  warning: { name: 'warning', className: 'text-warning' },
  neutral: { name: 'info', className: 'text-muted' },
} as const satisfies Record<string, { readonly name: IconName; readonly className: string }>;

/** The list of notifications below a bell. Its entries become read when it closes. */
export function Bell({ list }: { readonly list: NotificationList }) {
  const t = useTexts(TEXTS);
  const notifications = useSyncExternalStore(list.subscribe, list.get);
  const [, navigate] = useLocation();
  const unread = notifications.filter(({ isRead }) => !isRead).length;
  return (
    <DropdownMenu.Root modal={false} onOpenChange={(open) => !open && list.markRead()}>
      <DropdownMenu.Trigger asChild>
        <Button variant="ghost" isSquare aria-label={t.label(unread)} className="relative">
          <Icon name="bell" />
          {unread > 0 && (
            <span
              aria-hidden="true"
              className="absolute top-1 right-1 size-2 rounded-full border border-surface bg-accent"
            />
          )}
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Content
        align="end"
        sideOffset={4}
        collisionPadding={8}
        aria-label={t.title}
        className={clsx(MENU_CONTENT, 'w-80 max-w-[calc(100vw-1rem)]')}
      >
        <DropdownMenu.Label className="px-2 pt-1.5 pb-1 font-semibold">{t.title}</DropdownMenu.Label>
        {notifications.length === 0 && (
          <DropdownMenu.Item disabled className="px-2 pb-2 text-muted">
            {t.none}
          </DropdownMenu.Item>
        )}
        <Entries notifications={notifications} onOpen={(path) => navigate(path)} />
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  );
}

/** The entries exist only while the list is open, so that their times are those of that moment. */
function Entries({
  notifications,
  onOpen,
}: {
  readonly notifications: readonly Notification[];
  readonly onOpen: (path: string) => void;
}) {
  const t = useTexts(TEXTS);
  const { outcomes } = useTexts(OUTCOME_TEXTS);
  const { language } = useLanguage();
  const now = useNow(10_000);
  return notifications.map(({ seq, type, storeId, storeName, at, isRead }) => (
    <MenuLink key={seq} href={`/stores/${storeId}`} onSelect={() => onOpen(`/stores/${storeId}`)}>
      <Icon {...ICONS[OUTCOMES[type]]} />
      <span className="grid min-w-0 flex-1 py-0.5">
        <span className="truncate">{outcomes[type](storeName)}</span>
        <span className="text-xs text-muted">{formatRelative(Date.parse(at), now, language)}</span>
      </span>
      {!isRead && (
        <span className="size-2 rounded-full bg-accent">
          <span className="sr-only">{t.unread}</span>
        </span>
      )}
    </MenuLink>
  ));
}
