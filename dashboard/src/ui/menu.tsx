import { clsx } from 'clsx';
import { DropdownMenu as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { Icon, type IconName } from './icon.tsx';

const ITEM = clsx(
  'flex min-h-8 items-center gap-2 rounded-sm px-2 py-1 text-sm outline-none select-none',
  'data-disabled:text-muted data-disabled:opacity-70 data-highlighted:bg-hover',
);

/** The frame of a menu. */
export const MENU_CONTENT = clsx(
  'z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-48 overflow-y-auto rounded-md border',
  'border-line-strong bg-raised p-1 text-fg',
);

export interface MenuProps {
  /** The button that opens the menu. It takes a `ref` and the properties of a button. */
  readonly trigger: ReactNode;
  readonly align?: 'start' | 'center' | 'end';
  readonly side?: 'top' | 'bottom';
  readonly className?: string;
  readonly children: ReactNode;
}

/** A menu of actions below a button. */
export function Menu({ trigger, align = 'end', side = 'bottom', className, children }: MenuProps) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      {/* Without a portal, the menu stays in the landmark of its button. */}
      <Radix.Content
        align={align}
        side={side}
        sideOffset={4}
        collisionPadding={8}
        className={clsx(MENU_CONTENT, className)}
      >
        {children}
      </Radix.Content>
    </Radix.Root>
  );
}

export interface MenuItemProps {
  readonly icon?: IconName;
  readonly tone?: 'neutral' | 'danger';
  readonly disabled?: boolean;
  readonly onSelect: () => void;
  readonly children: ReactNode;
}

/** An action of a menu. */
export function MenuItem({ icon, tone = 'neutral', disabled, onSelect, children }: MenuItemProps) {
  return (
    <Radix.Item
      disabled={disabled}
      onSelect={() => onSelect()}
      className={clsx(ITEM, tone === 'danger' && 'text-danger')}
    >
      {icon !== undefined && <Icon name={icon} className={clsx(tone === 'neutral' && 'text-muted')} />}
      {children}
    </Radix.Item>
  );
}

/** A link in a menu. */
export function MenuLink({
  icon,
  href,
  isExternal = false,
  onSelect,
  children,
}: {
  readonly icon?: IconName;
  readonly href: string;
  /** Opens in a new tab. */
  readonly isExternal?: boolean;
  /** Replaces the navigation by the browser. */
  readonly onSelect?: () => void;
  readonly children: ReactNode;
}) {
  return (
    <Radix.Item asChild>
      <a
        href={href}
        className={ITEM}
        {...(isExternal ? { target: '_blank', rel: 'noreferrer' } : {})}
        onClick={(event) => {
          const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
          if (onSelect === undefined || !isPlain) return;
          event.preventDefault();
          onSelect();
        }}
      >
        {icon !== undefined && <Icon name={icon} className="text-muted" />}
        {children}
        {isExternal && <Icon name="external" className="ml-auto text-muted" />}
      </a>
    </Radix.Item>
  );
}

/** A title above some items of a menu. */
export function MenuLabel({ children }: { readonly children: ReactNode }) {
  return <Radix.Label className="px-2 pt-2 pb-1 text-xs font-medium text-muted">{children}</Radix.Label>;
}

/** A line between items of a menu. */
export function MenuSeparator() {
  return <Radix.Separator className="-mx-1 my-1 h-px bg-line" />;
}

/** Values of a menu of which one is chosen. */
export function MenuChoice<Value extends string>({
  label,
  value,
  onChange,
  options,
}: {
  readonly label: string;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  readonly options: readonly { readonly value: Value; readonly label: string }[];
}) {
  return (
    <Radix.RadioGroup
      aria-label={label}
      value={value}
      // The values of the group are those of the options.
      onValueChange={(chosen) => onChange(chosen as Value)}
    >
      <MenuLabel>{label}</MenuLabel>
      {options.map((option) => (
        <Radix.RadioItem key={option.value} value={option.value} className={clsx(ITEM, 'pl-8 relative')}>
          <Radix.ItemIndicator className="absolute left-2">
            <Icon name="check" />
          </Radix.ItemIndicator>
          {option.label}
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  );
}
