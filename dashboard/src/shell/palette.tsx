import { clsx } from 'clsx';
import { Dialog } from 'radix-ui';
import { useId, useState, type KeyboardEvent } from 'react';
import { defineTexts, useTexts } from '../text/texts.ts';
import { OVERLAY, useReturnFocus } from '../ui/dialog.tsx';
import { Icon } from '../ui/icon.tsx';
import { usePaletteItems, type PaletteItem } from './palette-items.ts';

const TEXTS = defineTexts({
  en: {
    title: 'Command palette',
    search: 'Search stores, pages and actions',
    none: 'Nothing matches this text.',
    groups: { stores: 'Stores', pages: 'Pages', actions: 'Actions' },
  },
  de: {
    title: 'Befehlspalette',
    search: 'Shops, Seiten und Aktionen suchen',
    none: 'Zu diesem Text gibt es keinen Treffer.',
    groups: { stores: 'Shops', pages: 'Seiten', actions: 'Aktionen' },
  },
});

interface PaletteProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** Opens stores and pages and runs actions by keyboard: Ctrl-K or Cmd-K. */
export function CommandPalette({ open, onOpenChange }: PaletteProps) {
  const t = useTexts(TEXTS);
  const focus = useReturnFocus();
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className={OVERLAY} />
        <Dialog.Content
          {...focus}
          aria-describedby={undefined}
          className="fixed top-[12vh] left-1/2 z-50 flex max-h-[70vh] w-[calc(100vw-2rem)] max-w-xl -translate-x-1/2 flex-col rounded-lg border border-line-strong bg-raised"
        >
          <Dialog.Title className="sr-only">{t.title}</Dialog.Title>
          <PaletteList onClose={() => onOpenChange(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function PaletteList({ onClose }: { readonly onClose: () => void }) {
  const t = useTexts(TEXTS);
  const id = useId();
  const [text, setText] = useState('');
  const [activeId, setActiveId] = useState<string>();
  const items = usePaletteItems(text);
  const index = Math.max(
    0,
    items.findIndex((item) => item.id === activeId),
  );
  const active = items[index];

  function run(item: PaletteItem): void {
    onClose();
    item.run();
  }

  function move(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: (index + 1) % items.length,
      ArrowUp: (index - 1 + items.length) % items.length,
    };
    const next = steps[event.key];
    if (event.key === 'Enter' && active !== undefined) run(active);
    if (next === undefined || Number.isNaN(next)) return;
    event.preventDefault();
    setActiveId(items[next]?.id);
    document.getElementById(`${id}-${items[next]?.id ?? ''}`)?.scrollIntoView({ block: 'nearest' });
  }

  return (
    <>
      <div className="flex items-center gap-2 border-b border-line px-3">
        <Icon name="search" className="text-muted" />
        <input
          role="combobox"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={active === undefined ? undefined : `${id}-${active.id}`}
          aria-autocomplete="list"
          aria-label={t.search}
          placeholder={t.search}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setActiveId(undefined);
          }}
          onKeyDown={move}
          className="h-11 w-full bg-transparent text-sm outline-none placeholder:text-muted"
        />
      </div>
      {items.length === 0 && <p className="p-4 text-muted">{t.none}</p>}
      <div id={`${id}-list`} role="listbox" aria-label={t.title} className="min-h-0 overflow-y-auto p-1">
        {(['stores', 'pages', 'actions'] as const).map((group) => {
          const entries = items.filter((item) => item.group === group);
          if (entries.length === 0) return null;
          return (
            <div key={group} role="group" aria-labelledby={`${id}-${group}`}>
              <div id={`${id}-${group}`} className="px-2 pt-2 pb-1 text-xs font-medium text-muted">
                {t.groups[group]}
              </div>
              {entries.map((item) => (
                <PaletteOption
                  key={item.id}
                  id={`${id}-${item.id}`}
                  item={item}
                  isActive={item === active}
                  onRun={() => run(item)}
                />
              ))}
            </div>
          );
        })}
      </div>
    </>
  );
}

function PaletteOption({
  id,
  item,
  isActive,
  onRun,
}: {
  readonly id: string;
  readonly item: PaletteItem;
  readonly isActive: boolean;
  readonly onRun: () => void;
}) {
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the field above handles the keys of all options
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={isActive}
      onClick={onRun}
      className={clsx('flex min-h-8 items-center gap-2 rounded-sm px-2 py-1 hover:bg-hover', isActive && 'bg-active')}
    >
      <Icon name={item.icon} className="text-muted" />
      <span className="truncate">{item.label}</span>
      {item.detail !== undefined && <span className="ml-auto truncate text-xs text-muted">{item.detail}</span>}
    </div>
  );
}
