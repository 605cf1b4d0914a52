import { DropdownMenu } from 'radix-ui';
import { useTexts } from '../../../text/texts.ts';
import { Badge } from '../../../ui/badge.tsx';
import { buttonClasses } from '../../../ui/button.tsx';
import { Icon } from '../../../ui/icon.tsx';
import { Menu } from '../../../ui/menu.tsx';
import { STATUS_TONES, STATUSES, type StoreStatus } from '../model/catalogue.ts';
import { LABELS } from '../texts/labels.ts';
import { LIST_TEXTS } from './texts.ts';

/** A menu in which a person chooses any number of statuses. It stays open for several choices. */
export function StatusFilter({
  statuses,
  onChange,
}: {
  readonly statuses: readonly StoreStatus[];
  readonly onChange: (statuses: readonly StoreStatus[]) => void;
}) {
  const t = useTexts(LIST_TEXTS);
  const labels = useTexts(LABELS);
  const [only] = statuses;
  const shown =
    only === undefined ? t.anyStatus : statuses.length === 1 ? labels.status[only] : t.statuses(statuses.length);
  const toggle = (status: StoreStatus): void =>
    onChange(STATUSES.filter((each) => (each === status) !== statuses.includes(each)));
  return (
    <Menu
      align="start"
      trigger={
        <button type="button" className={`${buttonClasses()} border-line-control! font-normal!`}>
          <span className="sr-only">{t.status}: </span>
          {shown}
          <Icon name="chevron-down" className="text-muted" />
        </button>
      }
    >
      {STATUSES.map((status) => (
        <DropdownMenu.CheckboxItem
          key={status}
          checked={statuses.includes(status)}
          onCheckedChange={() => toggle(status)}
          onSelect={(event) => event.preventDefault()}
          className="relative flex min-h-8 items-center rounded-sm py-1 pr-2 pl-8 outline-none select-none data-highlighted:bg-hover"
        >
          <DropdownMenu.ItemIndicator className="absolute left-2">
            <Icon name="check" />
          </DropdownMenu.ItemIndicator>
          <Badge tone={STATUS_TONES[status]}>{labels.status[status]}</Badge>
        </DropdownMenu.CheckboxItem>
      ))}
    </Menu>
  );
}
