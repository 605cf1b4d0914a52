import { clsx } from 'clsx';
import { useId, type ReactNode } from 'react';

interface Choice<Value extends string> {
  readonly value: Value;
  readonly label: ReactNode;
  readonly hint: ReactNode;
  readonly note?: ReactNode;
}

/** Cards of which a person chooses one. They are radio buttons, so the arrow keys move the choice. */
export function ChoiceCards<Value extends string>({
  legend,
  value,
  onChange,
  choices,
  error,
}: {
  readonly legend: string;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  readonly choices: readonly Choice<Value>[];
  readonly error?: string | undefined;
}) {
  const name = useId();
  return (
    <fieldset aria-describedby={error === undefined ? undefined : `${name}-error`} className="grid min-w-0 gap-1.5">
      <legend className="mb-1.5 text-sm font-medium">{legend}</legend>
      <div className="grid gap-3 sm:grid-cols-2">
        {choices.map((choice) => {
          const isChosen = choice.value === value;
          return (
            <label
              key={choice.value}
              className={clsx(
                'relative grid cursor-pointer grid-cols-[auto_1fr] content-start gap-x-3 gap-y-1 rounded-lg border bg-surface p-4',
                'has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent-text',
                isChosen ? 'border-accent ring-1 ring-accent' : 'border-line-control hover:bg-hover',
              )}
            >
              <input
                type="radio"
                name={name}
                checked={isChosen}
                onChange={() => onChange(choice.value)}
                aria-labelledby={`${name}-${choice.value}`}
                aria-describedby={`${name}-${choice.value}-hint`}
                className="mt-0.5 size-4 accent-accent outline-none"
              />
              <span id={`${name}-${choice.value}`} className="font-medium">
                {choice.label}
              </span>
              <span id={`${name}-${choice.value}-hint`} className="col-start-2 grid gap-2 text-xs text-muted">
                <span>{choice.hint}</span>
                {choice.note !== undefined && <span>{choice.note}</span>}
              </span>
            </label>
          );
        })}
      </div>
      {error !== undefined && (
        <p id={`${name}-error`} className="text-xs text-danger">
          {error}
        </p>
      )}
    </fieldset>
  );
}
