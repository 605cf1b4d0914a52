import { clsx } from 'clsx';
import type { ComponentProps } from 'react';
import { useFieldControl } from './field.tsx';
import { Icon } from './icon.tsx';

export interface SelectOption<Value extends string> {
  readonly value: Value;
  readonly label: string;
}

export interface SelectProps<Value extends string> extends Omit<
  ComponentProps<'select'>,
  'value' | 'onChange' | 'children' | 'multiple'
> {
  readonly value: Value | undefined;
  readonly onChange: (value: Value) => void;
  readonly options: readonly SelectOption<Value>[];
  /** Is shown while no value is chosen. */
  readonly placeholder?: string;
}

/** A list from which a person chooses one value. Outside a `Field`, it needs an `aria-label`. */
export function Select<Value extends string>({
  value,
  onChange,
  options,
  placeholder,
  className,
  ...rest
}: SelectProps<Value>) {
  return (
    <span className={clsx('relative inline-grid', className ?? 'w-full')}>
      <select
        {...useFieldControl()}
        {...rest}
        value={value ?? ''}
        // The values are those of the options.
        onChange={(event) => onChange(event.target.value as Value)}
        className={clsx(
          'h-8 w-full appearance-none rounded-md border border-line-control bg-surface pr-8 pl-2.5 text-sm hover:bg-hover',
          'focus-visible:outline-offset-0 disabled:cursor-not-allowed disabled:opacity-60 aria-invalid:border-danger-dot',
          value === undefined ? 'text-muted' : 'text-fg',
        )}
      >
        {value === undefined && (
          <option value="" disabled hidden>
            {placeholder}
          </option>
        )}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <Icon name="chevrons" className="pointer-events-none absolute top-2 right-2 text-muted" />
    </span>
  );
}
