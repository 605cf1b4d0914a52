import { clsx } from 'clsx';
import { createContext, use, useId, useMemo, type ComponentProps, type ReactNode } from 'react';
import { Icon } from './icon.tsx';

interface FieldIds {
  readonly control: string;
  readonly describedBy: string | undefined;
  readonly isInvalid: boolean;
}

const FieldContext = createContext<FieldIds | undefined>(undefined);

export interface FieldProps {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  /** Why the value is not accepted, and what to change. */
  readonly error?: ReactNode;
  readonly isOptional?: boolean;
  readonly optionalText?: string;
  readonly className?: string;
  /** One `Input`, `Textarea`, `Select` or `SearchBox`. */
  readonly children: ReactNode;
}

/** A control of a form with its label, its hint and its error. */
export function Field({ label, hint, error, isOptional = false, optionalText, className, children }: FieldProps) {
  const id = useId();
  const hasError = error !== undefined && error !== null && error !== false;
  const describedBy = clsx(hint !== undefined && `${id}-hint`, hasError && `${id}-error`) || undefined;
  const ids = useMemo(() => ({ control: id, describedBy, isInvalid: hasError }), [id, describedBy, hasError]);
  return (
    <FieldContext value={ids}>
      <div className={clsx('grid gap-1.5', className)}>
        <label htmlFor={id} className="text-sm font-medium">
          {label}
          {isOptional && <span className="font-normal text-muted"> {optionalText ?? '(optional)'}</span>}
        </label>
        {children}
        {hint !== undefined && (
          <p id={`${id}-hint`} className="text-xs text-muted">
            {hint}
          </p>
        )}
        {hasError && (
          <p id={`${id}-error`} className="flex gap-1 text-xs text-danger">
            <Icon name="alert" className="mt-px size-3.5" />
            <span>{error}</span>
          </p>
        )}
      </div>
    </FieldContext>
  );
}

/** Returns the attributes that tie a control to the field around it. */
export function useFieldControl(): Pick<ComponentProps<'input'>, 'id' | 'aria-describedby' | 'aria-invalid'> {
  const field = use(FieldContext);
  if (field === undefined) return {};
  return { id: field.control, 'aria-describedby': field.describedBy, 'aria-invalid': field.isInvalid || undefined };
}

const CONTROL = clsx(
  'w-full rounded-md border border-line-control bg-surface px-2.5 text-sm text-fg placeholder:text-muted',
  'focus-visible:outline-offset-0 disabled:cursor-not-allowed disabled:opacity-60 aria-invalid:border-danger-dot',
);

/** A text field of one line. Inside a `Field`, it has its label. */
export function Input({ className, ...rest }: ComponentProps<'input'>) {
  return <input {...useFieldControl()} {...rest} className={clsx(CONTROL, 'h-8', className)} />;
}

/** A text field of several lines. */
export function Textarea({ className, ...rest }: ComponentProps<'textarea'>) {
  return <textarea rows={4} {...useFieldControl()} {...rest} className={clsx(CONTROL, 'py-1.5', className)} />;
}
