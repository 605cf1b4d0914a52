import { clsx } from 'clsx';
import { Select as Radix } from 'radix-ui';
import { useFieldControl } from './field.tsx';
import { Icon } from './icon.tsx';

export interface SelectOption<Value extends string> {
  readonly value: Value;
  readonly label: string;
  readonly description?: string;
}

export interface SelectProps<Value extends string> {
  readonly value: Value | undefined;
  readonly onChange: (value: Value) => void;
  readonly options: readonly SelectOption<Value>[];
  /** Needed outside a `Field`. */
  readonly 'aria-label'?: string;
  readonly placeholder?: string;
  /** Sends the value with the form around it. */
  readonly name?: string;
  readonly disabled?: boolean;
  readonly className?: string;
}

/** A list from which a person chooses one value. */
export function Select<Value extends string>({
  value,
  onChange,
  options,
  placeholder,
  name,
  disabled,
  className,
  'aria-label': label,
}: SelectProps<Value>) {
  const control = useFieldControl();
  return (
    <Radix.Root value={value ?? ''} onValueChange={onChange} name={name} disabled={disabled}>
      <Radix.Trigger
        {...control}
        aria-label={label}
        className={clsx(
          'inline-flex h-8 w-full items-center justify-between gap-2 rounded-md border border-line-control bg-surface px-2.5',
          'text-left text-sm hover:bg-hover focus-visible:outline-offset-0 data-placeholder:text-muted disabled:opacity-60',
          className,
        )}
      >
        <span className="truncate">
          <Radix.Value placeholder={placeholder} />
        </span>
        <Icon name="chevrons" className="text-muted" />
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          position="popper"
          sideOffset={4}
          className="z-50 max-h-(--radix-select-content-available-height) min-w-(--radix-select-trigger-width) overflow-hidden rounded-md border border-line-strong bg-raised p-1 text-sm"
        >
          <Radix.Viewport>
            {options.map((option) => (
              <Radix.Item
                key={option.value}
                value={option.value}
                className="relative grid rounded-sm py-1.5 pr-8 pl-2 outline-none select-none data-highlighted:bg-hover"
              >
                <Radix.ItemText>{option.label}</Radix.ItemText>
                {option.description !== undefined && <span className="text-xs text-muted">{option.description}</span>}
                <Radix.ItemIndicator className="absolute top-2 right-2">
                  <Icon name="check" />
                </Radix.ItemIndicator>
              </Radix.Item>
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
