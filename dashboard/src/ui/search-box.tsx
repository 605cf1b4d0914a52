import { clsx } from 'clsx';
import { useEffect, useState } from 'react';
import { Input } from './field.tsx';
import { Icon } from './icon.tsx';

const PAUSE_MS = 200;

/** A field that searches while a person types. It reports a value after a short pause, and at once with Enter. */
export function SearchBox({
  value,
  onChange,
  label,
  placeholder,
  className,
}: {
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Name of the field for screen readers. */
  readonly label: string;
  readonly placeholder?: string;
  readonly className?: string;
}) {
  const [typed, setTyped] = useState(value);
  const [reported, setReported] = useState(value);
  // A value that did not come from this field replaces its text, such as after the back button.
  if (value !== reported) {
    setReported(value);
    setTyped(value);
  }
  useEffect(() => {
    if (typed === value) return undefined;
    const timer = setTimeout(() => {
      setReported(typed);
      onChange(typed);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, value, onChange]);
  return (
    <search className={clsx('relative', className)}>
      <Icon name="search" className="pointer-events-none absolute top-2 left-2.5 text-muted" />
      <Input
        type="search"
        aria-label={label}
        placeholder={placeholder ?? label}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          setReported(typed);
          onChange(typed);
        }}
        className="pl-8"
      />
    </search>
  );
}
