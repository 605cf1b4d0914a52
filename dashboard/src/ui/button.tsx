import { clsx } from 'clsx';
import type { ComponentProps } from 'react';
import { Icon, type IconName } from './icon.tsx';
import { Spinner } from './spinner.tsx';

type Variant = 'primary' | 'secondary' | 'ghost' | 'danger';
type Size = 'sm' | 'md';

const VARIANTS: Readonly<Record<Variant, string>> = {
  primary: 'border-transparent bg-accent text-accent-fg hover:bg-accent-hover',
  secondary: 'border-line-strong bg-surface text-fg hover:bg-hover',
  ghost: 'border-transparent bg-transparent text-fg hover:bg-hover',
  danger: 'border-transparent bg-danger-solid text-white hover:bg-danger-solid-hover',
};
const SIZES: Readonly<Record<Size, string>> = { sm: 'h-7 px-2 text-xs', md: 'h-8 px-3 text-sm' };

export interface ButtonLook {
  readonly variant?: Variant;
  readonly size?: Size;
  /** Shows only the icon: then the button needs an `aria-label`. */
  readonly isSquare?: boolean;
}

/** Returns the classes of a button, for a link that looks like one. */
export function buttonClasses({ variant = 'secondary', size = 'md', isSquare = false }: ButtonLook = {}): string {
  return clsx(
    'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap select-none',
    'transition-colors duration-100 aria-disabled:opacity-60 disabled:cursor-not-allowed disabled:opacity-60',
    VARIANTS[variant],
    SIZES[size],
    isSquare && (size === 'sm' ? 'w-7 px-0' : 'w-8 px-0'),
  );
}

export interface ButtonProps extends ComponentProps<'button'>, ButtonLook {
  readonly icon?: IconName;
  /** Shows that the action runs. A click does nothing, and the button keeps its focus. */
  readonly pending?: boolean;
}

/** A button. Its default type is `button`, so that it submits no form by accident. */
export function Button({
  variant,
  size,
  isSquare,
  icon,
  pending = false,
  className,
  children,
  onClick,
  type = 'button',
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      aria-disabled={pending || undefined}
      aria-busy={pending || undefined}
      className={clsx(buttonClasses({ variant, size, isSquare }), className)}
      onClick={(event) => {
        if (pending) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {pending ? <Spinner /> : icon !== undefined && <Icon name={icon} />}
      {children}
    </button>
  );
}
